using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Facto.Service.Tests.Store;

/// <summary>A real PostgreSQL server of the tests' own, in a temporary folder on a free port of the loopback, stopped at the end.</summary>
internal sealed class PostgreSqlServer : IDisposable
{
    private static readonly Lazy<PostgreSqlServer?> s_shared = new(() => Programs is null ? null : new PostgreSqlServer(Programs));
    private static int s_databases;

    private readonly string _programs;
    private readonly string _folder = Directory.CreateTempSubdirectory("facto-pg-").FullName;

    private PostgreSqlServer(string programs)
    {
        _programs = programs;
        Port = FreePort();
        if (Environment.UserName == "root") { Run("chown", "postgres", _folder); }
        RunAsOwner("initdb", "-D", $"{_folder}/data", "-A", "trust", "-U", "facto", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8");
        Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    /// <summary>Null where PostgreSQL is not installed.</summary>
    public static PostgreSqlServer? Shared => s_shared.Value;

    public int Port { get; }

    /// <summary>A server that one test may stop, start and kill.</summary>
    public static PostgreSqlServer? OfItsOwn() => Programs is null ? null : new PostgreSqlServer(Programs);

    /// <summary>The connection string of a new, empty database.</summary>
    public string NewDatabase()
    {
        string name = $"facto_{Interlocked.Increment(ref s_databases)}";
        RunAsOwner("createdb", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "facto", name);
        return $"Host=127.0.0.1;Port={Port};Username=facto;Database={name}";
    }

    public void Start() =>
        RunAsOwner(
            "pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "-o", $"-p {Port} -k {_folder} -c listen_addresses=127.0.0.1",
            "start");

    public void Stop() => RunAsOwner("pg_ctl", "-D", $"{_folder}/data", "-w", "-m", "immediate", "stop");

    public void Dispose()
    {
        if (!Directory.Exists(_folder)) { return; }
        try { Stop(); }
        catch (InvalidOperationException) { }
        Directory.Delete(_folder, recursive: true);
    }

    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            .LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
        : null;

    // PostgreSQL refuses to run as root.
    private void RunAsOwner(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        if (Environment.UserName == "root") { Run("runuser", ["-u", "postgres", "--", path, .. arguments]); }
        else { Run(path, arguments); }
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            program, arguments)
        { WorkingDirectory = Path.GetTempPath(), RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        // A server that is started inherits the streams and keeps them open: only what the program itself says until it ends is read.
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {process.StandardError.ReadToEnd()}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
