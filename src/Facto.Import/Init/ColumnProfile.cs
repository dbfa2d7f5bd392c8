using System.Globalization;
using Facto.Data;

namespace Facto.Import;

/// <summary>What the first rows say about a column.</summary>
internal sealed class ColumnProfile
{
    private const int Shown = 3;

    public ColumnProfile(string name, int position, IReadOnlyList<string?> values)
    {
        Name = name;
        Position = position;
        Values = [.. values.Select(v => v ?? string.Empty)];
        string[] filled = [.. Values.Where(v => !string.IsNullOrWhiteSpace(v))];
        Filled = filled.Length;
        Distinct = filled.Distinct().Count();
        double[] numbers = [.. filled.Select(Number).OfType<double>()];
        IsNumeric = numbers.Length > 0 && numbers.Length >= 0.98 * filled.Length;
        if (IsNumeric)
        {
            (Low, High) = (numbers.Min(), numbers.Max());
            IsWhole = numbers.All(n => n == Math.Floor(n));
        }

        IsTruth = filled.Length > 0 && filled.All(v => v.ToLowerInvariant() is "true" or "false" or "t" or "f" or "yes" or "no");
        IsDate = !IsNumeric && filled.Length > 0 && filled.Count(LooksLikeDate) >= 0.95 * filled.Length;
        IsList = filled.Any(v => ListText.IsList(v));
    }

    public string Name { get; set; }

    /// <summary>0-based.</summary>
    public int Position { get; }

    /// <summary>Values row by row; empty where there is none.</summary>
    public IReadOnlyList<string> Values { get; }

    public int Filled { get; }

    public int Distinct { get; }

    public bool IsNumeric { get; }

    public bool IsWhole { get; }

    public bool IsTruth { get; }

    public bool IsDate { get; }

    /// <summary>Whether it holds lists (of JSON or Parquet).</summary>
    public bool IsList { get; }

    public double Low { get; }

    public double High { get; }

    /// <summary>Values of an id: whole numbers or short texts, not the same everywhere.</summary>
    public bool CanBeId => Distinct > 1 && Filled > 0.5 * Values.Count && !IsDate && !IsList && (!IsNumeric || IsWhole) && Average <= 64;

    /// <summary>A number that the time could be: seconds, milliseconds, microseconds or nanoseconds from 1990 to 2100.</summary>
    public bool CanBeEpoch => IsNumeric && Distinct > 1 && EpochUnits.Any(u => Low >= 631152000 * u && High <= 4102444800 * u);

    public string Examples => string.Join(", ", Values.Where(v => v.Length > 0).Distinct().Take(Shown).Select(v => v.Length > 24
        ? v[..24] + "…" : v));

    private double Average => Filled == 0 ? 0 : Values.Sum(v => (double)v.Length) / Filled;

    private static ReadOnlySpan<double> EpochUnitsSpan => [1, 1e3, 1e6, 1e9];

    private static double[] EpochUnits => EpochUnitsSpan.ToArray();

    /// <summary>A number with a point or a comma before its decimals, or null.</summary>
    public static double? Number(string text) =>
        NumberText.TryParse(text, NumberText.Point, out double number) || NumberText.TryParse(text, ',', out number) ? number : null;

    private static bool LooksLikeDate(string text) =>
        text.Length >= 8 && text.AsSpan().ContainsAny('-', '/', ':')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
}
