using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// Item and user vectors to search: generated like those of a factorization machine on a catalogue of Zipf popularity, or read from .npy
/// files.
/// </summary>
internal sealed record Catalogue(string Name, RowMatrix Items, RowMatrix Users)
{
    private const int Factors = 64, UserCount = 1024;

    /// <summary>
    /// Popularity (count/(rank+10))^0.8; own quality 2·ln(popularity) plus noise; 64 factors of random direction whose norm falls with the
    /// rank; users [1; N(0, 0.35²)].
    /// </summary>
    public static Catalogue Generate(int count)
    {
        var random = new SeededRandom(7);
        int[] ranks = [.. Enumerable.Range(0, count)];
        random.Shuffle<int>(ranks);
        var items = new RowMatrix(count, Factors + 1);
        for (int item = 0; item < count; item++)
        {
            double popularity = Math.Pow(count / (ranks[item] + 10.0), 0.8), squares = 0;
            Span<float> x = items.Row(item);
            foreach (ref float value in x[1..])
            {
                value = (float)random.NextNormal();
                squares += value * value;
            }

            double norm = 1 + (2 * Math.Log(1 + popularity));
            foreach (ref float value in x[1..]) { value *= (float)(norm / Math.Sqrt(squares)); }
            x[0] = (float)((2 * Math.Log(popularity)) + (0.5 * random.NextNormal()));
        }

        var users = new RowMatrix(UserCount, Factors + 1);
        for (int user = 0; user < UserCount; user++)
        {
            Span<float> q = users.Row(user);
            q[0] = 1;
            foreach (ref float value in q[1..]) { value = (float)(0.35 * random.NextNormal()); }
        }

        return new Catalogue(string.Create(CultureInfo.InvariantCulture, $"generated, {count} items"), items, users);
    }

    public static Catalogue Read(string itemFile, string userFile) => new(Path.GetFileName(itemFile), ReadNpy(itemFile), ReadNpy(userFile));

    /// <summary>Writes a matrix as NumPy reads it (format 1.0, float32, row by row).</summary>
    public static void WriteNpy(string path, RowMatrix matrix)
    {
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({matrix.RowCount}, {matrix.ColumnCount}), }}").PadRight(117) + "\n";
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, 118, 0]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        for (int row = 0; row < matrix.RowCount; row++) { stream.Write(MemoryMarshal.AsBytes(matrix.Row(row))); }
    }

    private static RowMatrix ReadNpy(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        byte[] start = new byte[10];
        stream.ReadExactly(start);
        byte[] header = new byte[start[8] | (start[9] << 8)];
        stream.ReadExactly(header);
        string text = Encoding.ASCII.GetString(header);
        if (!text.Contains("'<f4'", StringComparison.Ordinal) || text.Contains("True", StringComparison.Ordinal))
        {
            throw new FactoException($"{path}: expected a row-major float32 array, found {text.Trim()}");
        }
        string[] shape = text.Split('(', ')')[1].Split(',', StringSplitOptions.TrimEntries);
        var matrix = new RowMatrix(int.Parse(shape[0], CultureInfo.InvariantCulture), int.Parse(shape[1], CultureInfo.InvariantCulture));
        for (int row = 0; row < matrix.RowCount; row++) { stream.ReadExactly(MemoryMarshal.AsBytes(matrix.Row(row))); }
        return matrix;
    }
}
