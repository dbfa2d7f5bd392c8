using System.Globalization;
using System.IO.Compression;
using Facto.Data.Text;

namespace Facto.Benchmarks.Training;

/// <summary>
/// Times the parser of libFM and libFFM text, plain or .gz: <c>reading FILE...</c>. Per file the best of five reads by one thread in MB/s
/// of text, the whole way to a dataset; beside it the floor, which is the same bytes read (and inflated) into a buffer with nothing done to
/// them, from the page cache.
/// </summary>
internal static class ReadingBench
{
    private const int Repeats = 5;

    public static int Run(string[] args)
    {
        if (args.Length == 0 || args[0].StartsWith('-'))
        {
            Console.Error.WriteLine("usage: reading FILE...   files in libFM, libSVM or libFFM text, plain or .gz");
            return 2;
        }

        foreach (string missing in args.Where(path => !File.Exists(path)))
        {
            Console.Error.WriteLine($"reading: there is no file {missing}");
            return 2;
        }

        foreach (string path in args) { Report(path); }
        return 0;
    }

    private static void Report(string path)
    {
        var buffer = new byte[1 << 20];
        long bytes = 0;
        int rows = 0;
        double floor = Best(() => bytes = Drain(path, buffer));
        double parse = Best(() => rows = SparseTextReader.Read([[path]]).Parts[0].Count);
        double megabytes = bytes / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(path)}: {rows} rows, {megabytes:0.0} MB of text: parsed in {parse:0.000} s = {megabytes / parse:0} "
                + $"MB/s, one thread; floor {floor:0.000} s = {megabytes / floor:0} MB/s, {100 * floor / parse:0} % reached"));
    }

    private static long Drain(string path, byte[] buffer)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        long total = 0;
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer)) { total += read; }
        return total;
    }

    private static double Best(Action work)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            work();
            best = Math.Min(best, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
