using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Facto.Package.Tests;

/// <summary>
/// The folder of packages that eng/pack.sh made (FACTO_FEED names it), and projects of a stranger outside of the tree that restore from it.
/// They have a package folder of their own, so nothing of this tree's caches is taken; what others publish may come from the machine's.
/// </summary>
public sealed partial class FeedFixture : IDisposable
{
    private readonly string _machinePackages;

    public FeedFixture()
    {
        Feed = Environment.GetEnvironmentVariable("FACTO_FEED") ?? string.Empty;
        Root = Directory.CreateTempSubdirectory("facto-feed-").FullName;
        _machinePackages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (Feed.Length == 0) { return; }
        Version = Directory.GetFiles(Feed, "Facto.*.nupkg")
            .Select(f => CoreVersion().Match(Path.GetFileName(f))).First(m => m.Success).Groups[1].Value;
        WriteConfiguration();
    }

    public string Feed { get; }

    public string Root { get; }

    public string Version { get; } = string.Empty;

    /// <summary>Skips where no packages were made: eng/test.sh makes them first.</summary>
    public void Need() => Assert.SkipUnless(Feed.Length > 0, "FACTO_FEED names no folder of packages; eng/pack.sh makes one");

    /// <summary>A project outside of the tree that takes one package of the feed.</summary>
    public string Project(string name, string sdk, string package, string program, string properties = "")
    {
        string folder = Path.Combine(Root, name);
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Programs", program), Path.Combine(folder, "Program.cs"));
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType>
                <Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>{properties}
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="{Version}" /></ItemGroup>
            </Project>
            """);
        return folder;
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    public string Run(string folder, string program, params string[] arguments)
    {
        using Process process = Start(folder, program, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(600_000), $"{program} did not end");
        Assert.True(
            process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{output}\n{error.Result}");
        return output;
    }

    public Process Start(string folder, string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(
            program, arguments)
        { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        // This process is itself run by the SDK, whose variables would point the inner one at the tree's settings.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }
        start.Environment.Remove("CI");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach ((string name, string value) in environment) { start.Environment[name] = value; }
        return Process.Start(start)!;
    }

    public void Dispose()
    {
        try { Directory.Delete(Root, recursive: true); }
        catch (IOException) { }
    }

    // Facto's own packages from the feed alone: a stranger's package of that name must not stand in for them.
    private void WriteConfiguration()
    {
        Assert.Empty(Directory.Exists(_machinePackages) ? Directory.GetDirectories(_machinePackages, "facto*") : []);
        string listed = Run(Root, "dotnet", "nuget", "list", "source");
        IEnumerable<string> others = SourceName().Matches(listed)
            .Select(m => $"""<packageSource key="{m.Groups[1].Value}"><package pattern="*" /></packageSource>""");
        File.WriteAllText(Path.Combine(Root, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <fallbackPackageFolders><add key="machine" value="{_machinePackages}" /></fallbackPackageFolders>
              <packageSources><add key="facto-feed" value="{Feed}" /></packageSources>
              <packageSourceMapping>
                <packageSource key="facto-feed"><package pattern="Facto" /><package pattern="Facto.*" /></packageSource>
                {string.Concat(others)}
              </packageSourceMapping>
            </configuration>
            """);
    }

    [GeneratedRegex(@"^Facto\.(\d+\.\d+\.\d+.*)\.nupkg$")]
    private static partial Regex CoreVersion();

    [GeneratedRegex(@"^\s*\d+\.\s+(.+?) \[Enabled\]", RegexOptions.Multiline)]
    private static partial Regex SourceName();
}
