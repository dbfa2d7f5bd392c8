using System.Security.Cryptography;

namespace Facto.Data;

/// <summary>
/// A hidden folder beside what is being written, in which it grows until it is whole. Its name is drawn at random, so that no two writers
/// share one, whatever process, container or host they run in; and while its writer lives, a file in it is locked exclusively. The lock is
/// the system's: it goes with the process, however that ends, and is seen across process namespaces, where a process id means nothing. The
/// next writer in the same folder removes the homes whose lock it can take.
/// </summary>
internal sealed class TemporaryHome : IDisposable
{
    private const string Prefix = ".facto-", Suffix = ".tmp", LockName = "lock";
    private const int Attempts = 100;

    private readonly FileStream _lock;

    private TemporaryHome(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes one in a folder, which is made when it is not there, and removes what dead writers left in it.</summary>
    public static TemporaryHome In(string folder)
    {
        Directory.CreateDirectory(folder);
        for (int attempt = 0; ; attempt++)
        {
            string path = System.IO.Path.Combine(folder, Prefix + RandomNumberGenerator.GetHexString(16, lowercase: true) + Suffix);
            Directory.CreateDirectory(path);
            if (TryHold(path) is { } held)
            {
                if (Locks(path)) { Sweep(folder, path); }
                return new TemporaryHome(path, held);
            }

            if (attempt == Attempts)
            {
                throw new IOException($"{folder}: no temporary folder can be kept in it; something removes them as they are made");
            }
        }
    }

    /// <summary>Removes the folder and what is still in it. It never throws: what cannot be removed is left to the next writer.</summary>
    public void Dispose()
    {
        try
        {
            // The lock goes last: until then no other writer touches the folder.
            foreach (string file in Directory.GetFiles(Path))
            {
                if (System.IO.Path.GetFileName(file) != LockName) { File.Delete(file); }
            }

            foreach (string folder in Directory.GetDirectories(Path)) { Directory.Delete(folder, recursive: true); }
            _lock.Dispose();
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lock.Dispose();
        }
    }

    // Null when a sweeper was faster: it may have taken the lock, or removed the file between its making and its locking.
    private static FileStream? TryHold(string path)
    {
        string file = System.IO.Path.Combine(path, LockName);
        FileStream held;
        try { held = new FileStream(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0); }
        catch (Exception e) when (e is DirectoryNotFoundException || (e is IOException && (File.Exists(file) || !Directory.Exists(path))))
        {
            return null;
        }
        if (File.Exists(file)) { return held; }
        held.Dispose();
        return null;
    }

    // Some file systems and settings know no locks: there a live writer looks dead, so nothing is swept.
    private static bool Locks(string path) => TryTake(path) is not { } taken || Release(taken);

    private static bool Release(FileStream taken)
    {
        taken.Dispose();
        return false;
    }

    private static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(
                System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    private static void Sweep(string folder, string own)
    {
        try
        {
            foreach (string left in Directory.GetDirectories(folder, $"{Prefix}*{Suffix}"))
            {
                if (left == own) { continue; }
                if (!File.Exists(System.IO.Path.Combine(left, LockName)))
                {
                    // Its writer died, or is about to make the lock: an empty folder it makes anew, a full one is not removed.
                    TryRemove(left, recursive: false);
                    continue;
                }

                if (TryTake(left) is not { } taken) { continue; }
                using (taken) { TryRemove(left, recursive: true); }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private static void TryRemove(string path, bool recursive)
    {
        try { Directory.Delete(path, recursive); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
