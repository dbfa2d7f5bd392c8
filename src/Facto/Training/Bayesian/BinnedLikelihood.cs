using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// ln p(classes | scores, γ) = Σ ln(Φ(γ_c − ŷ) − Φ(γ_{c−1} − ŷ)) with the scores rounded to bins, and its derivatives by γ: classes × bins
/// terms however many examples there are. Good for finding the mode; not exact.
/// </summary>
internal sealed class BinnedLikelihood(int[] classes, int classCount, int bins)
{
    private readonly double[] _scores = new double[bins];
    private readonly double[] _counts = new double[classCount * bins];

    public void Bin(ReadOnlySpan<float> scores)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float score in scores) { (low, high) = (Math.Min(low, score), Math.Max(high, score)); }
        double width = Math.Max((high - (double)low) / bins, 1e-9);
        Array.Clear(_counts);
        for (int b = 0; b < bins; b++) { _scores[b] = low + ((b + 0.5) * width); }
        for (int t = 0; t < scores.Length; t++)
        {
            int b = Math.Clamp((int)((scores[t] - (double)low) / width), 0, bins - 1);
            _counts[(classes[t] * bins) + b]++;
        }
    }

    /// <summary>The value; adds to the gradient and to the (tridiagonal) Hessian.</summary>
    public double Evaluate(ReadOnlySpan<double> cutPoints, Span<double> gradient, double[,] hessian)
    {
        double sum = 0;
        for (int c = 0; c < classCount; c++)
        {
            for (int b = 0; b < bins; b++)
            {
                double n = _counts[(c * bins) + b];
                if (n == 0) { continue; }
                double low = c == 0 ? double.NegativeInfinity : cutPoints[c - 1] - _scores[b];
                double high = c == classCount - 1 ? double.PositiveInfinity : cutPoints[c] - _scores[b];
                double log = NormalDistribution.LogInterval(low, high), atHigh = Ratio(high, log), atLow = Ratio(low, log);
                sum += n * log;
                if (c < classCount - 1)
                {
                    gradient[c] += n * atHigh;
                    hessian[c, c] -= n * atHigh * (high + atHigh);
                }

                if (c > 0)
                {
                    gradient[c - 1] -= n * atLow;
                    hessian[c - 1, c - 1] += n * atLow * (low - atLow);
                }

                if (c > 0 && c < classCount - 1)
                {
                    hessian[c, c - 1] += n * atHigh * atLow;
                    hessian[c - 1, c] += n * atHigh * atLow;
                }
            }
        }

        return sum;
    }

    // φ(x)/e^log, 0 at infinity.
    private static double Ratio(double x, double log) => double.IsInfinity(x) ? 0 : Math.Exp((-0.5 * x * x) - 0.9189385332046727 - log);
}

/// <summary>Cholesky factors of the few-by-few matrices of the cut-points.</summary>
internal static class SmallCholesky
{
    /// <summary>
    /// L with LLᵀ = A; a pivot that a far start made too small is raised, which only changes how the search or the proposal looks.
    /// </summary>
    public static double[,] Factor(double[,] a)
    {
        int n = a.GetLength(0);
        var l = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = a[i, j];
                for (int m = 0; m < j; m++) { sum -= l[i, m] * l[j, m]; }
                l[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-2)) : sum / l[j, j];
            }
        }

        return l;
    }

    /// <summary>x ← (LLᵀ)⁻¹x.</summary>
    public static void Solve(double[,] l, double[] x)
    {
        for (int i = 0; i < x.Length; i++)
        {
            for (int m = 0; m < i; m++) { x[i] -= l[i, m] * x[m]; }
            x[i] /= l[i, i];
        }

        SolveTransposed(l, x);
    }

    /// <summary>x ← L⁻ᵀx.</summary>
    public static void SolveTransposed(double[,] l, double[] x)
    {
        for (int i = x.Length - 1; i >= 0; i--)
        {
            for (int m = i + 1; m < x.Length; m++) { x[i] -= l[m, i] * x[m]; }
            x[i] /= l[i, i];
        }
    }
}
