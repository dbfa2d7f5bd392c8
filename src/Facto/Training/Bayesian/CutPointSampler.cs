using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Draws the cut-points γ₁ &lt; … &lt; γ_{C−1} of an ordered probit given the scores, with the latents integrated out: sampling them given
/// the latents barely moves with many examples (Cowles 1996). Works on u = (γ₁, ln(γ₂−γ₁), …) with the priors u₁ ~ N(0, 3²), others ~ N(0,
/// 1): one Metropolis–Hastings step proposes from a t distribution around the mode of a likelihood that is binned over the scores, and is
/// accepted by the exact one. The proposal does not depend on the present γ, so the step is exact whatever the binning loses.
/// </summary>
internal sealed class CutPointSampler
{
    public const int MostClasses = 64;

    private const double FirstDeviation = 3, Freedom = 5;
    private const int Bins = 256;
    private const int Run = 4096;   // examples summed up by one worker; the order of the sums does not depend on their number

    private readonly int[] _classes;
    private readonly int _threads;
    private readonly int _count;           // C − 1
    private readonly double[] _start;      // γ in u for scores of 0
    private readonly BinnedLikelihood _binned;

    public CutPointSampler(int[] classes, int classCount, int threads = 1)
    {
        _threads = threads;
        _classes = classes;
        _count = classCount - 1;
        _binned = new BinnedLikelihood(classes, classCount, Bins);
        _start = new double[_count];
        var counts = new double[classCount];
        foreach (int c in classes) { counts[c]++; }
        var quantiles = new double[_count];
        double below = 0;
        for (int j = 0; j < _count; j++)
        {
            below += counts[j];
            quantiles[j] = NormalDistribution.Quantile(below / classes.Length);
        }

        ToFree(quantiles, _start);
    }

    /// <summary>Proposals accepted so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Sets γ to the quantiles of the class frequencies: the mode for scores of 0.</summary>
    public void Start(Span<double> cutPoints) => ToCutPoints(_start, cutPoints);

    /// <summary>One step.</summary>
    public void Draw(float[] scores, Span<double> cutPoints, ref SeededRandom random)
    {
        _binned.Bin(scores);
        double[] mode = [.. _start], current = new double[_count], proposal = new double[_count];
        double[,] root = FindMode(mode);
        ToFree(cutPoints, current);
        double scale = Math.Sqrt(2 * random.NextGamma(Freedom / 2) / Freedom);
        for (int j = 0; j < _count; j++) { proposal[j] = random.NextNormal() / scale; }
        SmallCholesky.SolveTransposed(root, proposal);
        for (int j = 0; j < _count; j++) { proposal[j] += mode[j]; }
        double gain = LogPosterior(scores, proposal) - LogPosterior(scores, current) + LogProposal(current, mode, root)
            - LogProposal(proposal, mode, root);
        if (!(Math.Log(1 - random.NextDouble()) < gain)) { return; }   // also when a proposal leaves the range of doubles
        Accepted++;
        ToCutPoints(proposal, cutPoints);
    }

    /// <summary>ln p(labels | scores, γ(u)) + ln p(u), up to a constant.</summary>
    public double LogPosterior(float[] scores, ReadOnlySpan<double> free)
    {
        double[] cutPoints = new double[_count], parts = new double[(scores.Length + Run - 1) / Run];
        ToCutPoints(free, cutPoints);
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, r =>
        {
            double part = 0;
            for (int t = r * Run; t < Math.Min(scores.Length, (r + 1) * Run); t++)
            {
                int c = _classes[t];
                part += NormalDistribution.LogInterval(
                    c == 0 ? double.NegativeInfinity : cutPoints[c - 1] - scores[t], c == _count
                        ? double.PositiveInfinity
                        : cutPoints[c] - scores[t]);
            }

            parts[r] = part;
        });
        return parts.Sum() + LogPrior(free);
    }

    public static void ToCutPoints(ReadOnlySpan<double> free, Span<double> cutPoints)
    {
        cutPoints[0] = free[0];
        for (int j = 1; j < free.Length; j++) { cutPoints[j] = cutPoints[j - 1] + Math.Exp(free[j]); }
    }

    public static void ToFree(ReadOnlySpan<double> cutPoints, Span<double> free)
    {
        free[0] = cutPoints[0];
        for (int j = 1; j < cutPoints.Length; j++) { free[j] = Math.Log(cutPoints[j] - cutPoints[j - 1]); }
    }

    private static double LogPrior(ReadOnlySpan<double> free)
    {
        double sum = -0.5 * free[0] * free[0] / (FirstDeviation * FirstDeviation);
        for (int j = 1; j < free.Length; j++) { sum -= 0.5 * free[j] * free[j]; }
        return sum;
    }

    // ln t(u; mode, (LLᵀ)⁻¹) up to a constant.
    private double LogProposal(ReadOnlySpan<double> free, ReadOnlySpan<double> mode, double[,] root)
    {
        double square = 0;
        for (int j = 0; j < _count; j++)
        {
            double sum = 0;
            for (int i = j; i < _count; i++) { sum += root[i, j] * (free[i] - mode[i]); }
            square += sum * sum;
        }

        return -0.5 * (Freedom + _count) * Math.Log(1 + (square / Freedom));
    }

    // Newton's method with halved steps from u; returns L with LLᵀ = minus the Hessian at the mode.
    private double[,] FindMode(double[] u)
    {
        var gradient = new double[_count];
        var precision = new double[_count, _count];
        double value = Derivatives(u, gradient, precision);
        for (int iteration = 0; iteration < 50; iteration++)
        {
            double[,] root = SmallCholesky.Factor(precision);
            double[] step = [.. gradient], trial = new double[_count];
            SmallCholesky.Solve(root, step);
            double length = Math.Min(1, 2 / Math.Max(step.Max(Math.Abs), 1e-300));
            for (; length > 1e-6; length /= 2)
            {
                for (int j = 0; j < _count; j++) { trial[j] = u[j] + (length * step[j]); }
                double next = Derivatives(trial, gradient, precision);
                if (!(next >= value - 1e-9)) { continue; }   // NaN too
                value = next;
                trial.CopyTo(u, 0);
                break;
            }

            if (length <= 1e-6 || step.Max(Math.Abs) < 1e-7) { break; }
        }

        Derivatives(u, gradient, precision);
        return SmallCholesky.Factor(precision);
    }

    // The binned ln p(u), its gradient and about minus its Hessian, through γ_j = u₀ + Σ_{1≤m≤j} e^{u_m}. ln p is concave in γ, so the part
    // with the slopes is positive definite everywhere; of the part with ∂²γ_j/∂u_m² = ∂γ_j/∂u_m only what keeps it so is taken (0 at the
    // mode but for the prior).
    private double Derivatives(double[] u, double[] gradient, double[,] precision)
    {
        var cutPoints = new double[_count];
        var byCut = new double[_count];
        var curvature = new double[_count, _count];
        ToCutPoints(u, cutPoints);
        double value = _binned.Evaluate(cutPoints, byCut, curvature) + LogPrior(u);
        double Slope(int j, int m) => m == 0 ? 1 : j >= m ? Math.Exp(u[m]) : 0;   // ∂γ_j/∂u_m
        for (int m = 0; m < _count; m++)
        {
            double sum = 0;
            for (int j = 0; j < _count; j++) { sum += byCut[j] * Slope(j, m); }
            double prior = m == 0 ? 1 / (FirstDeviation * FirstDeviation) : 1;
            gradient[m] = sum - (prior * u[m]);
            for (int l = 0; l <= m; l++)
            {
                double second = 0;
                for (int i = 0; i < _count; i++)
                {
                    for (int j = Math.Max(0, i - 1); j < Math.Min(_count, i + 2); j++)
                    {
                        second += Slope(i, m) * curvature[i, j] * Slope(j, l);
                    }
                }

                precision[m, l] = precision[l, m] = -second;
            }

            precision[m, m] += m == 0 ? prior : prior + Math.Max(0, -sum);
        }

        return value;
    }
}
