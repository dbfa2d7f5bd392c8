using System.Runtime.InteropServices;

namespace Facto.Data;

/// <summary>Flushing a folder: a file's new name is on the disk only when its folder is.</summary>
internal static partial class DiskFolder
{
    /// <summary>
    /// Writes the entries of a folder to the disk. Windows does so by itself; a system that refuses is left alone, for the data itself was
    /// flushed.
    /// </summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) { return; }
        try
        {
            int handle = Open(folder, 0);
            if (handle < 0) { return; }
            _ = Synchronize(handle);
            _ = Close(handle);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
