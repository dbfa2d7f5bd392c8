using System.Globalization;
using System.Text;

namespace Facto.EndToEnd.Tests.Docs;

/// <summary>
/// Runs the shell blocks of one page, top to bottom, in one folder of its own that holds the files of a small shop. The program is the one
/// that was built; with "run: serve" above a block the project's service answers on localhost:5080 (another port in the test) while the
/// block runs.
/// </summary>
internal sealed class ShellPage : IDisposable
{
    private readonly Folder _folder = new();

    public ShellPage()
    {
        File.WriteAllText(_folder.File("purchases.csv"), Purchases());
        File.WriteAllText(_folder.File("products.csv"), Products());
    }

    public string Folder => _folder.Path;

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a block; every command has to end with 0.</summary>
    public void Run(string page, CodeBlock block)
    {
        bool serve = block.Directive == "run: serve";
        int port = FreePort();
        string text = serve
            ? Serve(port) + block.Text.Replace("localhost:5080", $"localhost:{port}", StringComparison.Ordinal)
            : block.Text;
        (int code, string output, string error) = Execute("set -euo pipefail\nexport NO_COLOR=1\n" + Functions() + text + "\n");
        Assert.True(code == 0, $"{page}:{block.Line}: the block ended with {code}\n{output}\n{error}");
    }

    // `facto` and the form for a clone are the program that was built.
    private static string Functions()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Facto.Cli.dll");
        return $$"""
            facto() { command dotnet '{{program}}' "$@"; }
            dotnet() { if [ "${*:1:6}" = "run -c Release --project src/Facto.Cli --" ]; then shift 6; facto "$@"; else command dotnet "$@"; fi; }

            """;
    }

    private static string Serve(int port) => $$"""
        facto serve --url http://127.0.0.1:{{port}} > serve.log 2>&1 &
        server=$!
        trap 'kill $server; cat serve.log >&2' EXIT
        for i in $(seq 100); do curl -sf localhost:{{port}}/health/ready > /dev/null && break; sleep 0.2; done

        """;

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private (int Code, string Out, string Error) Execute(string script)
    {
        var start = new System.Diagnostics.ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(180_000), "the block did not end");
        return (process.ExitCode, output.Result, error);
    }

    // 60 customers, 40 products of four brands: a customer buys from one brand, mostly.
    private static string Purchases()
    {
        var text = new StringBuilder("customer,product,at,amount\n");
        for (int c = 0; c < 60; c++)
        {
            for (int i = 0; i < 14; i++)
            {
                int brand = i % 5 == 4 ? (c + i) % 4 : c % 4, product = (brand * 10) + (((c * 3) + (i * i) + i) % 10);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"customer {c},p{product},2026-03-{1 + i:00}T{(c + i) % 24:00}:15:00Z,{5 + (product % 7)}.50\n");
            }
        }

        return text.ToString();
    }

    private static string Products() => "sku,title,brand,tags,price\n"
        + string.Concat(
            Enumerable.Range(0, 40)
            .Select(p => $"p{p},Product {p},Brand {p / 10},{(p % 2 == 0 ? "red|round" : "blue")},{5 + (p % 7)}.50\n"));
}
