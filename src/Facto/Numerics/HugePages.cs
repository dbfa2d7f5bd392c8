using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// Asks the system to back a large block with 2 MB pages: a model larger than the cache is read at random, and with 4 KB pages almost every
/// read also misses the address translation cache. A wish that may be refused: nothing depends on it but speed.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Blocks from this size on are worth it.</summary>
    public const nuint Threshold = 8 << 20;

    /// <summary>Alignment of such blocks.</summary>
    public const nuint Size = 2 << 20;

    private const int AdviceHugePage = 14;   // MADV_HUGEPAGE of Linux

    public static void Advise(void* start, nuint bytes)
    {
        if (!OperatingSystem.IsLinux()) { return; }
        try { _ = MemoryAdvise(start, bytes, AdviceHugePage); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* start, nuint bytes, int advice);
}
