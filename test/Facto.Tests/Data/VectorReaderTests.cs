using Facto.Data;
using Facto.Numerics;
using Facto.Tests.Retrieval;

namespace Facto.Tests.Data;

public class VectorReaderTests
{
    [Theory]
    [InlineData("x.npy", nameof(VectorFormat.Npy))]
    [InlineData("x.fvecs", nameof(VectorFormat.Fvecs))]
    public void What_export_wrote_is_read_again_with_its_ids(string name, string formatName)
    {
        VectorFormat format = Enum.Parse<VectorFormat>(formatName);
        using var folder = new TemporaryFolder();
        using RowMatrix vectors = RandomVectors.Normal(37, 5, 1);
        VectorText.Write(
            new VectorTable(vectors, new Vocabulary(Enumerable.Range(0, 37).Select(i => $"item {i}"))), folder.File(name), format);
        VectorTable read = VectorReader.Read(folder.File(name));
        Same(vectors, read);
        Assert.Equal("item 36", read.Id(36));
        File.Delete(folder.File(name) + ".ids");
        Assert.Equal("36", VectorReader.Read(folder.File(name)).Id(36));
    }

    [Fact]
    public void A_file_of_Factos_own_is_known_by_its_first_bytes()
    {
        using var folder = new TemporaryFolder();
        using RowMatrix vectors = RandomVectors.Normal(3, 17, 1);
        VectorTableFile.Save(new VectorTable(vectors, null), folder.File("any.name"));
        Same(vectors, VectorReader.Read(folder.File("any.name")));
    }

    [Theory]
    [InlineData("x.npy", nameof(VectorFormat.Npy))]
    [InlineData("x.fvecs", nameof(VectorFormat.Fvecs))]
    public void Cut_files_and_wrong_headers_give_one_clear_error(string name, string formatName)
    {
        VectorFormat format = Enum.Parse<VectorFormat>(formatName);
        using var folder = new TemporaryFolder();
        string path = folder.File(name);
        VectorText.Write(new VectorTable(RandomVectors.Normal(9, 3, 1), null), path, format);
        File.Delete(path + ".ids");
        byte[] good = File.ReadAllBytes(path);
        for (int length = 0; length < good.Length; length++)
        {
            // An .fvecs file that ends after a whole vector is a shorter file.
            if (format == VectorFormat.Fvecs && length > 0 && length % 16 == 0) { continue; }
            Refused(good[..length]);
        }

        var random = new SeededRandom(3);
        int header = format == VectorFormat.Npy ? good.Length - (9 * 12) : 4;
        for (int trial = 0; trial < 2000; trial++)
        {
            byte[] bytes = [.. good];
            bytes[random.NextInt(header)] ^= (byte)(1 << random.NextInt(8));
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => Assert.InRange(VectorReader.Read(path).Count, 0, 9));
            Assert.True(error is null or InvalidDataException, error?.ToString());
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        }

        void Refused(byte[] bytes)
        {
            File.WriteAllBytes(path, bytes);
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => VectorReader.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Arrays_of_other_types_and_ids_that_do_not_fit_are_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.npy");
        VectorText.Write(new VectorTable(RandomVectors.Normal(2, 3, 1), null), path, VectorFormat.Npy);
        File.WriteAllLines(path + ".ids", ["a", "a"]);
        Assert.Contains(
            "line 2 repeats the id 'a'", Assert.Throws<InvalidDataException>(() => VectorReader.Read(path)).Message,
            StringComparison.Ordinal);
        File.WriteAllLines(path + ".ids", ["a"]);
        Assert.Contains(
            "names 1 rows, the vectors have 2", Assert.Throws<InvalidDataException>(() => VectorReader.Read(path)).Message,
            StringComparison.Ordinal);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[System.Text.Encoding.Latin1.GetString(bytes).IndexOf("<f4", StringComparison.Ordinal) + 2] = (byte)'8';
        File.WriteAllBytes(path, bytes);
        Assert.Contains("float32", Assert.Throws<InvalidDataException>(() => VectorReader.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder.File("x.txt"), "hello, hello");
        Assert.Contains(
            "no file of vectors", Assert.Throws<InvalidDataException>(() => VectorReader.Read(folder.File("x.txt"))).Message,
            StringComparison.Ordinal);
    }

    private static void Same(RowMatrix expected, VectorTable read)
    {
        Assert.Equal((expected.RowCount, expected.ColumnCount), (read.Count, read.Dimension));
        for (int row = 0; row < expected.RowCount; row++) { Assert.Equal(expected.Row(row).ToArray(), read.Vectors.Row(row).ToArray()); }
    }
}
