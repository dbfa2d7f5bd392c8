using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Facto.Cli.Output;

/// <summary>
/// What a verb says. People read tables on standard output and progress on standard error; with --json standard output is one JSON object
/// and nothing else; with --quiet only errors are printed.
/// </summary>
internal sealed class Report(bool json, bool quiet)
{
    private static readonly JsonSerializerOptions JsonStyle = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private bool _hasStep;
    private readonly IAnsiConsole _out = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    /// <summary>True when tables and sentences shall be shown.</summary>
    public bool ForPeople => !json && !quiet;

    /// <summary>True when progress shall be shown (on standard error, so also beside --json).</summary>
    public bool ShowsProgress => !quiet;

    /// <summary>A sentence on the way to the result.</summary>
    public void Note(string sentence)
    {
        if (quiet) { return; }
        EndStep();
        Console.Error.WriteLine(sentence);
    }

    /// <summary>A sentence that is part of the result.</summary>
    public void Say(string sentence)
    {
        if (!ForPeople) { return; }
        EndStep();
        Console.Out.WriteLine(sentence);
    }

    /// <summary>A table of the result; columns of numbers are right-aligned.</summary>
    public void Table(string? title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (!ForPeople) { return; }
        EndStep();
        IReadOnlyList<string>[] lines = [.. rows];
        var table = new Table { Border = TableBorder.Simple, Title = title is null ? null : new TableTitle(Markup.Escape(title)) };
        for (int c = 0; c < columns.Count; c++)
        {
            var column = new TableColumn(Markup.Escape(columns[c]));
            table.AddColumn(c > 0 && lines.All(line => IsNumber(line[c])) ? column.RightAligned() : column);
        }

        foreach (IReadOnlyList<string> row in lines) { table.AddRow([.. row.Select(Markup.Escape)]); }
        if (Console.IsOutputRedirected) { _out.Profile.Width = 160; }
        _out.Write(table);
    }

    /// <summary>The machine-readable result.</summary>
    public void Json(JsonObject result)
    {
        if (json) { Console.Out.WriteLine(result.ToJsonString(JsonStyle)); }
    }

    /// <summary>How far a step is, on one line of standard error that the next one writes over; only where a person looks.</summary>
    public void Step(string what, double share, string detail)
    {
        if (quiet || Console.IsErrorRedirected) { return; }
        string line = string.Create(CultureInfo.InvariantCulture, $"{what} {share:0%}  {detail}");
        int width = Math.Max(20, Console.BufferWidth - 1);
        Console.Error.Write("\r" + (line.Length > width ? line[..width] : line.PadRight(width)));
        _hasStep = true;
    }

    private void EndStep()
    {
        if (!_hasStep) { return; }
        Console.Error.Write("\r" + new string(' ', Math.Max(20, Console.BufferWidth - 1)) + "\r");
        _hasStep = false;
    }

    /// <summary>A number with the digits that matter.</summary>
    public static string Number(double value, string format = "0.0000") => double.IsNaN(value)
        ? "–"
        : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A number with its sign, none for what rounds to zero; 2 digits unless said.</summary>
    public static string Signed(double value, string digits = "0.00") => value.ToString(
        $"+{digits};-{digits};{digits}", CultureInfo.InvariantCulture);

    /// <summary>1234567 → "1.23 M".</summary>
    public static string Count(double value) => value switch
    {
        >= 1e9 => Number(value / 1e9, "0.00") + " G",
        >= 1e6 => Number(value / 1e6, "0.00") + " M",
        >= 1e4 => Number(value / 1e3, "0.0") + " k",
        _ => Number(value, "0"),
    };

    // Also "–" for none, and "4.1 (2.7–5)".
    private static bool IsNumber(string cell) =>
        cell.Length == 0 || char.IsAsciiDigit(cell[0]) || "+-–".Contains(cell[0], StringComparison.Ordinal);
}
