using System.Globalization;
using System.Text;
using Facto.Evaluation;

namespace Facto;

/// <summary>How good a model is on held-out data, beside what needs no model. <see cref="ToString"/> is a table.</summary>
public sealed class EvaluationReport
{
    private readonly string _about;
    private readonly (string Name, IReadOnlyDictionary<string, MetricValue> Metrics)[] _rows;

    internal EvaluationReport(
        string about, IReadOnlyList<string> metrics, IEnumerable<(string Name, IReadOnlyDictionary<string, MetricValue> Metrics)> rows)
    {
        _about = about;
        Metrics = metrics;
        _rows = [.. rows];
    }

    /// <summary>
    /// What was compared: "model" first, then "popularity", "item neighbours" and "chance", or "user and item bias" and "mean", or "base
    /// rate".
    /// </summary>
    public IReadOnlyList<string> Names => [.. _rows.Select(r => r.Name)];

    /// <summary>
    /// The metrics: "recall@10", "ndcg@10" … of a ranking, "rmse", "mae" of ratings, "logloss", "auc", "calibration error" of
    /// probabilities; docs/metrics.md defines them.
    /// </summary>
    public IReadOnlyList<string> Metrics { get; }

    /// <summary>A metric of the model.</summary>
    /// <exception cref="FactoException">It was not measured.</exception>
    public double this[string metric] => this["model", metric];

    /// <summary>A metric of the model or of what it is compared with.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="metric">One of <see cref="Metrics"/>.</param>
    /// <exception cref="FactoException">It was not measured.</exception>
    public double this[string name, string metric] => Find(name, metric).Value;

    /// <summary>The half-width of a metric's 95 % confidence interval; 0 when it cannot be estimated.</summary>
    /// <inheritdoc cref="this[string, string]"/>
    public double HalfWidth(string name, string metric) => Find(name, metric).HalfWidth;

    /// <summary>One line for each of <see cref="Names"/>, one column for each of <see cref="Metrics"/>, with intervals.</summary>
    public override string ToString()
    {
        string[][] cells =
        [
            [string.Empty, .. Metrics],
            .. _rows.Select(
                r => (string[])[r.Name, .. Metrics.Select(m => r.Metrics.TryGetValue(m, out MetricValue v) ? Cell(v) : string.Empty)]),
        ];
        int[] widths = [.. Enumerable.Range(0, Metrics.Count + 1).Select(c => cells.Max(r => r[c].Length))];
        var text = new StringBuilder(_about);
        foreach (string[] row in cells)
        {
            text.AppendLine().Append(row[0].PadRight(widths[0]));
            for (int c = 1; c < row.Length; c++) { text.Append("  ").Append(row[c].PadLeft(widths[c])); }
        }

        return text.ToString();
    }

    private static string Cell(MetricValue value) => double.IsNaN(value.Value) ? "-"
        : value.HalfWidth > 0 ? string.Create(CultureInfo.InvariantCulture, $"{value.Value:F4} ± {value.HalfWidth:F4}")
        : value.Value.ToString("F4", CultureInfo.InvariantCulture);

    private MetricValue Find(string name, string metric)
    {
        int at = Array.FindIndex(_rows, r => r.Name == name);
        if (at < 0) { throw new FactoException($"'{name}' was not evaluated, only {string.Join(", ", Names)}"); }
        return _rows[at].Metrics.TryGetValue(metric, out MetricValue value)
            ? value : throw new FactoException($"'{metric}' of {name} was not measured, only {string.Join(", ", _rows[at].Metrics.Keys)}");
    }
}
