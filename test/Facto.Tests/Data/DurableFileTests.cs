using System.Diagnostics;
using Facto.Data;

namespace Facto.Tests.Data;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_appears_whole_and_leaves_nothing_else()
    {
        string path = _folder.File("deep/er/x.txt");
        DurableFile.WriteText(path, "old");
        using (var file = new DurableFile(path))
        {
            file.Stream.Write("new"u8);
            file.Stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
            file.Commit();
        }

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["x.txt"], Directory.GetFileSystemEntries(_folder.File("deep/er")).Select(Path.GetFileName));
    }

    [Fact]
    public void Without_a_commit_the_earlier_file_stays_and_nothing_is_left()
    {
        string path = _folder.File("x.txt");
        DurableFile.WriteText(path, "old");
        Assert.Throws<InvalidOperationException>(() => DurableFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException("the writer failed");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["x.txt"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_the_dead_left_is_swept_and_what_the_living_write_is_not()
    {
        string dead = _folder.File(".facto-0000000000000000.tmp"), other = _folder.File(".mine.tmp");
        Directory.CreateDirectory(dead);
        Directory.CreateDirectory(other);
        File.WriteAllText(Path.Combine(dead, "lock"), string.Empty);
        File.WriteAllText(Path.Combine(dead, "content"), "half");
        using var living = new DurableFile(_folder.File("a"));
        Assert.False(Directory.Exists(dead));
        DurableFile.WriteText(_folder.File("b"), "b");
        living.Stream.Write("a"u8);
        living.Commit();
        Assert.Equal("a", File.ReadAllText(_folder.File("a")));
        Assert.True(Directory.Exists(other));   // not of our making
    }

    // The lock is the kernel's, so a writer of another process is seen as alive whatever its number is, and as dead once it is gone.
    [Fact]
    public async Task The_lock_of_another_process_holds_until_it_ends()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "there is no /usr/bin/flock");
        string home = _folder.File(".facto-1111111111111111.tmp"), held = Path.Combine(home, "lock");
        Directory.CreateDirectory(home);
        File.WriteAllText(held, string.Empty);
        using Process process = Process.Start(
            new ProcessStartInfo("/usr/bin/flock", ["-x", held, "cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteLineAsync("ready");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        DurableFile.WriteText(_folder.File("a"), "a");
        Assert.True(Directory.Exists(home));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        DurableFile.WriteText(_folder.File("a"), "b");
        Assert.False(Directory.Exists(home));
    }

    [Fact]
    public void Many_writers_of_one_name_leave_one_whole_file()
    {
        string path = _folder.File("x.txt");
        Parallel.For(0, 64, i => DurableFile.WriteText(path, new string((char)('a' + (i % 26)), 100_000)));
        string text = File.ReadAllText(path);
        Assert.Equal(100_000, text.Length);
        Assert.Single(text.Distinct());
        Assert.Equal(["x.txt"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_takes_a_name_once()
    {
        using DurableFolder first = new(_folder.Path), second = new(_folder.Path);
        DurableFile.WriteText(Path.Combine(first.Path, "f"), "1");
        DurableFile.WriteText(Path.Combine(second.Path, "f"), "2");
        Assert.True(first.TryCommit("v"));
        Assert.False(second.TryCommit("v"));
        Assert.True(second.TryCommit("v-2"));
        Assert.Equal("1", File.ReadAllText(_folder.File("v/f")));
        Assert.Equal("2", File.ReadAllText(_folder.File("v-2/f")));
    }

    // A disk of 256 kB, which only root can make.
    [Fact]
    public void On_a_full_disk_the_earlier_file_stays_and_nothing_is_left()
    {
        string disk = _folder.File("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk), "only root may mount a small disk");
        try
        {
            string path = Path.Combine(disk, "x.bin");
            DurableFile.WriteBytes(path, new byte[1000]);
            Assert.ThrowsAny<IOException>(() => DurableFile.WriteBytes(path, new byte[10_000_000]));
            Assert.ThrowsAny<IOException>(
                () => DurableFile.Write(path, stream => { for (int i = 0; i < 10_000; i++) { stream.Write(new byte[999]); } }));
            Assert.Equal(1000, new FileInfo(path).Length);
            Assert.Equal(["x.bin"], Directory.GetFileSystemEntries(disk).Select(Path.GetFileName));
            DurableFile.WriteBytes(path, new byte[2000]);
            Assert.Equal(2000, new FileInfo(path).Length);
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
