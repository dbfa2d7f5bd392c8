namespace Facto.Evaluation;

/// <summary>A measured mean with the half-width of its 95 % confidence interval (normal approximation over examples or queries).</summary>
/// <param name="Value">The metric.</param>
/// <param name="HalfWidth">Value ± HalfWidth covers the true mean 95 times in 100; 0 when it cannot be estimated.</param>
internal readonly record struct MetricValue(double Value, double HalfWidth)
{
    internal const double Z95 = 1.959964;

    /// <summary>Mean and interval of independent values.</summary>
    public static MetricValue OfMean(ReadOnlySpan<double> values)
    {
        if (values.Length == 0) { return new(double.NaN, 0); }
        double sum = 0, squares = 0;
        foreach (double v in values) { sum += v; }
        double mean = sum / values.Length;
        foreach (double v in values) { squares += (v - mean) * (v - mean); }
        return new(mean, values.Length < 2 ? 0 : Z95 * Math.Sqrt(squares / (values.Length - 1) / values.Length));
    }
}
