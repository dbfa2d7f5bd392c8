using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;

namespace Facto.Tests.Retrieval;

public class ScanFileTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(300, 65)]
    public void An_opened_index_answers_as_the_saved_one_did(int items, int dimension)
    {
        using var folder = new TemporaryFolder();
        using RowMatrix vectors = RandomVectors.Normal(items, dimension, 1), query = RandomVectors.Normal(1, dimension, 2);
        Scored[] expected = new Scored[20], actual = new Scored[20];
        int found = new ExactIndex(vectors).Search(query.Row(0), default, expected);
        foreach (string path in Save(folder, vectors))
        {
            foreach (bool verify in new[] { true, false })
            {
                IItemIndex index = ScanFile.Open(path, verify);
                Assert.Equal((items, dimension), (index.Count, index.Dimension));
                Assert.Equal(found, index.Search(query.Row(0), default, actual));
                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void Every_damage_is_reported()
    {
        using var folder = new TemporaryFolder();
        using RowMatrix vectors = RandomVectors.Normal(100, 5, 1);
        foreach (string path in Save(folder, vectors))
        {
            CorruptionChecks.EveryDamageIsReported(path, p => ScanFile.Open(p), CorruptionChecks.ManyFlips);
        }
    }

    [Fact]
    public void Without_checksums_a_damaged_file_gives_wrong_scores_or_one_clear_error_but_never_a_foreign_item()
    {
        using var folder = new TemporaryFolder();
        using RowMatrix vectors = RandomVectors.Normal(500, 5, 1), query = RandomVectors.Normal(1, 5, 2);
        ulong[] few = RandomVectors.Bitmap(500, 0.02, 3);
        var random = new SeededRandom(4);
        var best = new Scored[10];
        string path = Save(folder, vectors)[1];
        byte[] good = File.ReadAllBytes(path);
        for (int trial = 0; trial < 150; trial++)
        {
            byte[] bytes = [.. good];
            for (int i = 0; i < 20; i++) { bytes[64 + random.NextInt(good.Length - 2048)] ^= (byte)(1 << random.NextInt(8)); }
            File.WriteAllBytes(path, bytes);
            Exception? error = Record.Exception(() =>
            {
                IItemIndex index = ScanFile.Open(path, verify: false);
                foreach (Scored s in best.AsSpan(0, index.Search(query.Row(0), default, best))) { Assert.InRange(s.Index, 0, 499); }
                foreach (Scored s in best.AsSpan(0, index.Search(query.Row(0), new ItemFilter { Allowed = few }, best)))
                {
                    Assert.InRange(s.Index, 0, 499);
                }
            });
            Assert.True(error is null or InvalidDataException, error?.ToString());
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_with_its_kind()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.facto");
        using (var writer = new Facto.Data.ArtefactWriter(path, Facto.Data.ArtefactKind.Index, 1))
        {
            writer.SetMeta("""{"index":"tree","count":1,"dimension":1}"""u8);
            writer.Commit();
        }

        Assert.Contains("kind 'tree'", Assert.Throws<InvalidDataException>(() => ScanFile.Open(path)).Message, StringComparison.Ordinal);
    }

    private static string[] Save(TemporaryFolder folder, RowMatrix vectors)
    {
        string exact = folder.File("exact.facto"), bounded = folder.File("bounded.facto");
        ScanFile.Save(new ExactIndex(vectors), exact);
        ScanFile.Save(BoundedIndex.Build(vectors), bounded);
        return [exact, bounded];
    }
}
