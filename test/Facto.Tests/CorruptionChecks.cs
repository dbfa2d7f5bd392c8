using Facto.Numerics;

namespace Facto.Tests;

/// <summary>
/// Cuts and flips a file in many places: only an InvalidDataException that names the file may come out, and memory stays bounded.
/// </summary>
internal static class CorruptionChecks
{
    /// <summary>
    /// Random flips for the formats that many read: 10,000 with FACTO_ALL_FLIPS=1, a part of them otherwise, for each one opens a file.
    /// </summary>
    public static int ManyFlips => Environment.GetEnvironmentVariable("FACTO_ALL_FLIPS") == "1" ? 10_000 : 500;

    public static void EveryDamageIsReported(string path, Action<string> open, int randomFlips = 500)
    {
        byte[] good = File.ReadAllBytes(path);
        string damaged = path + ".damaged";
        open(path);
        foreach (int length in Enumerable.Range(0, Math.Min(256, good.Length)).Concat([good.Length / 2, good.Length - 1]))
        {
            Check(good[..length], $"cut to {length} bytes");
        }

        var random = new SeededRandom(17);
        IEnumerable<int> positions = Enumerable.Range(0, Math.Min(64, good.Length))
            .Concat(Enumerable.Range(Math.Max(0, good.Length - 256), Math.Min(256, good.Length)))
            .Concat(Enumerable.Range(0, randomFlips).Select(_ => random.NextInt(good.Length)));
        foreach (int position in positions)
        {
            byte[] bytes = [.. good];
            bytes[position] ^= (byte)(1 << random.NextInt(8));
            Check(bytes, $"flipped a bit of byte {position}");
        }

        void Check(byte[] bytes, string what)
        {
            File.WriteAllBytes(damaged, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => open(damaged));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(error is InvalidDataException, $"{what}: expected InvalidDataException, got {error?.ToString() ?? "nothing"}");
            Assert.Contains(damaged, error!.Message, StringComparison.Ordinal);
            Assert.True(allocated < (64 << 20) + (16L * good.Length), $"{what}: {allocated} bytes were allocated");
        }
    }
}
