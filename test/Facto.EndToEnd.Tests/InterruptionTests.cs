using System.Globalization;

namespace Facto.EndToEnd.Tests;

/// <summary>The program is interrupted and killed at many moments: what was there before still opens, nothing half-written does.</summary>
public class InterruptionTests
{
    [Fact]
    public void An_interrupted_training_ends_with_130_and_goes_on_to_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent as on Unix");
        using var folder = new Folder();
        WriteExamples(folder.File("a.libfm"));
        string[] train = ["train", "--train", "a.libfm", "-k", "64", "--epochs", "600", "--checkpoint", "run.ckpt"];
        (int code, string line) = FactoProcess.SignalAt(folder.Path, FactoProcess.Interrupt, "epoch 5/", train);
        Assert.Equal((130, "facto: interrupted"), (code, line));
        Assert.True(File.Exists(folder.File("run.ckpt")), "the run left no checkpoint");
        Assert.Equal(0, FactoProcess.Run(folder.Path, [.. train, "--resume", "--model", "resumed.facto"]).Code);
        Assert.Equal(0, FactoProcess.Run(folder.Path, [.. train[..^2], "--model", "whole.facto"]).Code);
        Assert.True(
            File.ReadAllBytes(folder.File("whole.facto")).AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("resumed.facto"))),
            "the resumed run ended elsewhere");
    }

    [Fact]
    public void Killed_at_any_moment_an_import_or_training_leaves_the_last_whole_bundle()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent as on Unix");
        using Folder folder = new Folder().WithProject(users: 400, items: 300, perUser: 60);
        // The moments are shares of a whole run on this machine, so that most of them fall into the work wherever the test runs.
        TimeSpan import = Whole(folder, "import", "--quiet"), train = Whole(folder, "train", "--quiet", "--version", "good");
        int killed = 0;
        for (int round = 0; round < 14; round++)
        {
            TimeSpan after = (round % 2 == 0 ? import : train) * (0.2 + (round / 2 * 0.12));
            string[] work = round % 2 == 0
                ? ["import", "--quiet"]
                : ["train", "--quiet", "--version", string.Create(CultureInfo.InvariantCulture, $"next{round}")];
            killed += FactoProcess.Signal(folder.Path, FactoProcess.Kill, after, work).Code == 128 + FactoProcess.Kill ? 1 : 0;
            (int code, _, string error) = FactoProcess.Run(folder.Path, "recommend", "--user", "u1", "--quiet", "--json");
            Assert.True(code == 0, $"after a kill {after.TotalMilliseconds} ms into {work[0]}: {error}");
            foreach (string file in Directory.EnumerateFiles(folder.File("out"), "*.facto", SearchOption.AllDirectories)
                .Where(f => !f.Contains(".tmp", StringComparison.Ordinal)))
            {
                Assert.True(FactoProcess.Run(folder.Path, "inspect", file, "--quiet").Code == 0, $"{file} does not open");
            }
        }

        Assert.True(killed >= 6, $"only {killed} of 14 runs were cut: the moments miss the work");
        Assert.Equal(0, FactoProcess.Run(folder.Path, "import", "--quiet").Code);
        Assert.Equal(0, FactoProcess.Run(folder.Path, "train", "--quiet", "--version", "last").Code);
        Assert.Empty(Directory.GetDirectories(folder.File("out", "bundles"), ".*.tmp"));
    }

    private static TimeSpan Whole(Folder folder, params string[] arguments)
    {
        long start = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, FactoProcess.Run(folder.Path, arguments).Code);
        return TimeProvider.System.GetElapsedTime(start);
    }

    private static void WriteExamples(string path)
    {
        using StreamWriter writer = File.CreateText(path);
        for (int i = 0; i < 60_000; i++)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{1 + (i * 31 % 5)} {i * 17 % 900}:1 {900 + (i * 29 % 700)}:1"));
        }
    }
}
