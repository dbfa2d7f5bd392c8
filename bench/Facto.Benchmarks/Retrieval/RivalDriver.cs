using System.Diagnostics;
using System.Globalization;

namespace Facto.Benchmarks.Retrieval;

/// <summary>One point of a recall-against-speed curve.</summary>
/// <param name="Setting">What was set.</param>
/// <param name="Recall">Share of the exact best that was found.</param>
/// <param name="Speed">Queries per second on one thread.</param>
internal readonly record struct CurvePoint(string Setting, double Recall, double Speed);

/// <summary>The curve of one index.</summary>
internal sealed record Curve(string Name, double BuildSeconds, IReadOnlyList<CurvePoint> Points);

/// <summary>
/// Runs a rival's own program: <c>DRIVER items.npy queries.npy truth.npy M efConstruction threads ef,ef,… n [option=value …]</c>, which
/// prints a line that begins with "build SECONDS s" and then one line per ef: ef, recall, queries per second. An option allow=FILE names a
/// bitmap of the admissible items, 64-bit words. A Python is given <c>bench/peers/faiss_curve.py</c>, which keeps to this and runs the
/// Faiss of that Python.
/// </summary>
internal static class RivalDriver
{
    public static Curve Run(
        string driver, string prefix, string truth, int n, int links, int breadth, int threads, string efs, string options)
    {
        var start = new ProcessStartInfo(driver) { RedirectStandardOutput = true };
        bool isPython = Path.GetFileName(driver).StartsWith("python", StringComparison.Ordinal);
        string[] script = isPython ? [Path.Combine(AppContext.BaseDirectory, "peers", "faiss_curve.py")] : [];
        string[] arguments = [
            .. script, prefix + ".items.npy", prefix + ".queries.npy", prefix + truth, $"{links}", $"{breadth}", $"{threads}", efs, $"{n}",
            .. options.Split('+', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string argument in arguments) { start.ArgumentList.Add(argument); }
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{driver} did not start");
        var points = new List<CurvePoint>();
        double build = double.NaN;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["build", _, ..]) { build = Number(words[1]); }
            else if (words.Length >= 3 && int.TryParse(words[0], out _))
            {
                points.Add(new CurvePoint("ef " + words[0], Number(words[1]), Number(words[2])));
            }
        }

        process.WaitForExit();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{driver} ended with code {process.ExitCode}"); }
        return new Curve(
            $"{(isPython ? "faiss" : Path.GetFileName(driver))} "
                + $"{(options.Contains("index=ivf", StringComparison.Ordinal) ? "" : $"M {links} efC {breadth} ")}"
                + options.Replace('+', ' '),
            build, points);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
