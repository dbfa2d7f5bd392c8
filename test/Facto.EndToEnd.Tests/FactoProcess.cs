using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Facto.EndToEnd.Tests;

/// <summary>The program as a user starts it.</summary>
internal static partial class FactoProcess
{
    public const int Interrupt = 2, Kill = 9;

    public static (int Code, string Out, string Error) Run(string folder, params string[] arguments) =>
        Run(folder, new Dictionary<string, string>(), arguments);

    public static (int Code, string Out, string Error) Run(
        string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(folder, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"facto {string.Join(' ', arguments)} did not end");
        return (process.ExitCode, output.Result, error);
    }

    public static Process Start(string folder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start =
            new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Facto.Cli.dll"));
        foreach (string argument in arguments) { start.ArgumentList.Add(argument); }
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) { start.Environment[name] = value; }
        return Process.Start(start)!;
    }

    /// <summary>Sends a signal after a while and waits; the exit code is 128 + signal when the process did not answer it itself.</summary>
    public static (int Code, string Error) Signal(string folder, int signal, TimeSpan after, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(after)) { kill(process.Id, signal); }
        Assert.True(process.WaitForExit(30_000), "the signal did not end it");
        _ = output.Result;
        return (process.ExitCode, error.Result);
    }

    /// <summary>
    /// Sends a signal as soon as standard error shows a line that starts so, and waits; returns the exit code and the last line.
    /// </summary>
    public static (int Code, string LastLine) SignalAt(string folder, int signal, string line, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string last = string.Empty;
        bool sent = false;
        while (process.StandardError.ReadLine() is { } read)
        {
            last = read;
            if (!sent && read.StartsWith(line, StringComparison.Ordinal)) { sent = kill(process.Id, signal) == 0; }
        }

        Assert.True(process.WaitForExit(30_000), "the signal did not end it");
        Assert.True(sent, $"no line began with '{line}'");
        _ = output.Result;
        return (process.ExitCode, last);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("facto-e2e-").FullName;

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>A small shop: users of odd number like even items and the other way round, with titles and a genre.</summary>
    public Folder WithProject(int users = 40, int items = 30, int perUser = 12)
    {
        var log = new System.Text.StringBuilder("user,item,time\n");
        for (int u = 0; u < users; u++)
        {
            for (int i = 0; i < perUser; i++)
            {
                log.Append(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"u{u},i{(((u * 7) + (i * 2)) % items / 2 * 2) + (u % 2)},{(u * 100) + i}\n");
            }
        }

        System.IO.File.WriteAllText(File("log.csv"), log.ToString());
        System.IO.File.WriteAllText(
            File("items.csv"),
            "id,title,genre\n"
            + string.Concat(Enumerable.Range(0, items).Select(i => $"i{i},Title {i},{(i % 2 == 0 ? "Even" : "Odd")}\n")));
        System.IO.File.WriteAllText(File("facto.json"), """
            { "interactions": { "path": "log.csv", "user": "user", "item": "item", "time": "time" },
              "items": { "path": "items.csv", "id": "id", "title": "title" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "item", "side": "item" }, { "name": "genre", "side": "item" } ],
              "split": { "kind": "leaveLast", "last": 1 },
              "training": { "task": "ranking", "solver": "icd", "factors": 8, "epochs": 10 } }
            """);
        return this;
    }

    public void Dispose()
    {
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { }
    }
}
