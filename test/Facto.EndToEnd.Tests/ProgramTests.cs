using System.Diagnostics;

namespace Facto.EndToEnd.Tests;

public class ProgramTests
{
    [Fact]
    public void A_wrong_option_is_named_and_ends_with_code_2()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Facto.Cli.dll"), "train", "--bogus"]) { start.ArgumentList.Add(argument); }
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("--bogus", error, StringComparison.Ordinal);
    }
}
