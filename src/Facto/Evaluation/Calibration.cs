namespace Facto.Evaluation;

/// <summary>
/// One line of the reliability table: examples whose probability lies in [<paramref name="Low"/>, <paramref name="High"/>).
/// </summary>
/// <param name="Low">Lower end of the bin.</param>
/// <param name="High">Upper end of the bin.</param>
/// <param name="Count">Examples in it.</param>
/// <param name="MeanPredicted">Their mean probability.</param>
/// <param name="ObservedRate">Their share of label 1.</param>
internal readonly record struct ReliabilityBin(double Low, double High, int Count, double MeanPredicted, double ObservedRate);

/// <summary>Whether a probability of 0.3 comes true three times in ten.</summary>
internal sealed class Calibration
{
    private readonly ReliabilityBin[] _bins;

    private Calibration(ReliabilityBin[] bins, int count)
    {
        _bins = bins;
        ExpectedCalibrationError = bins.Sum(b => b.Count == 0 ? 0 : (double)b.Count / count * Math.Abs(b.MeanPredicted - b.ObservedRate));
    }

    /// <summary>The reliability table, equal-width bins from 0 to 1.</summary>
    public IReadOnlyList<ReliabilityBin> Bins => _bins;

    /// <summary>Σ_bins (count/n)·|mean predicted − observed rate| (Naeini et al. 2015).</summary>
    public double ExpectedCalibrationError { get; }

    /// <summary>Measures probabilities against labels 0/1.</summary>
    /// <param name="probabilities">In [0, 1].</param>
    /// <param name="labels">0/1.</param>
    /// <param name="binCount">Number of equal-width bins, ≥ 1.</param>
    public static Calibration Measure(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> labels, int binCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        int[] counts = new int[binCount];
        double[] predicted = new double[binCount], observed = new double[binCount];
        for (int i = 0; i < probabilities.Length; i++)
        {
            int bin = Math.Clamp((int)(probabilities[i] * binCount), 0, binCount - 1);
            counts[bin]++;
            predicted[bin] += probabilities[i];
            observed[bin] += labels[i];
        }

        var bins = new ReliabilityBin[binCount];
        for (int b = 0; b < binCount; b++)
        {
            double n = Math.Max(1, counts[b]);
            bins[b] = new((double)b / binCount, (double)(b + 1) / binCount, counts[b], predicted[b] / n, observed[b] / n);
        }

        return new Calibration(bins, Math.Max(1, probabilities.Length));
    }
}
