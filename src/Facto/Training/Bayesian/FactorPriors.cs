using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Normal priors per field g: w_l ~ N(μ_g, 1/λ_g) and v_lf ~ N(μ_gf, 1/λ_gf) for its features l. For ALS they are fixed (μ = 0, λ = the L2
/// strength); for Gibbs each (μ, λ) has a Normal–Gamma prior and is drawn whole, λ from its marginal and then μ given λ
/// (Freudenthaler, Schmidt-Thieme and Rendle 2011, with the priors of myFM: a = b = γ = 1, μ₀ = 0).
/// </summary>
internal sealed unsafe class FactorPriors
{
    private readonly int _k;
    private readonly HyperPrior _hyper;

    public FactorPriors(int groups, int k, HyperPrior hyper)
    {
        _k = k;
        _hyper = hyper;
        MeanLinear = new NativeBlock<float>(groups);
        PrecisionLinear = new NativeBlock<float>(groups);
        Mean = new RowMatrix(groups, k);
        Precision = new RowMatrix(groups, k);
    }

    /// <summary>μ of w, one per field.</summary>
    public NativeBlock<float> MeanLinear { get; }

    /// <summary>λ of w, one per field.</summary>
    public NativeBlock<float> PrecisionLinear { get; }

    /// <summary>μ of V, fields × k.</summary>
    public RowMatrix Mean { get; }

    /// <summary>λ of V, fields × k.</summary>
    public RowMatrix Precision { get; }

    /// <summary>Feature by feature, what the λ of its factors is multiplied with; null for 1.</summary>
    public NativeBlock<float>? Strength { get; set; }

    /// <summary>Of one feature.</summary>
    public float StrengthOf(int feature) => Strength is null ? 1 : Strength.Pointer[feature];

    public void Fix(int group, float linear, float factors)
    {
        MeanLinear[group] = 0;
        PrecisionLinear[group] = linear;
        Mean.Row(group).Clear();
        Precision.Row(group).Fill(factors);
    }

    /// <summary>Draws field <paramref name="group"/>'s 2(k+1) prior parameters given its features' weights and factors.</summary>
    public void Draw(int group, Field field, NativeBlock<float> linear, RowMatrix factors, ref SeededRandom random)
    {
        double sum = 0, squares = 0;
        double* sums = stackalloc double[Math.Min(_k, 512)], sumSquares = stackalloc double[Math.Min(_k, 512)];
        for (int l = 0; l < field.Count; l++)
        {
            double w = linear[field.Offset + l];
            sum += w;
            squares += w * w;
        }

        (MeanLinear[group], PrecisionLinear[group]) = NormalGamma(_hyper, field.Count, sum, squares, ref random);
        for (int first = 0; first < _k; first += 512)
        {
            int width = Math.Min(512, _k - first);
            new Span<double>(sums, width).Clear();
            new Span<double>(sumSquares, width).Clear();
            for (int l = 0; l < field.Count; l++)
            {
                float* v = factors.Storage.Pointer + ((long)(field.Offset + l) * factors.Stride) + first;
                for (int f = 0; f < width; f++)
                {
                    double value = v[f];
                    sums[f] += value;
                    sumSquares[f] += value * value;
                }
            }

            for (int f = 0; f < width; f++)
            {
                (Mean.Row(group)[first + f], Precision.Row(group)[first + f]) =
                    NormalGamma(_hyper, field.Count, sums[f], sumSquares[f], ref random);
            }
        }
    }

    /// <summary>
    /// (μ, λ) given n observations with these sums: λ ~ Gamma((a+n)/2, rate ½(b + Σ(x−x̄)² + nγx̄²/(n+γ))), then μ ~ N(Σx/(n+γ),
    /// 1/((n+γ)λ)).
    /// </summary>
    public static (float Mean, float Precision) NormalGamma(HyperPrior hyper, int n, double sum, double squares, ref SeededRandom random)
    {
        // Σ(x−x̄)² + nγx̄²/(n+γ) = Σx² − (Σx)²/(n+γ)
        double rate = 0.5 * (hyper.B + Math.Max(0, squares - (sum * sum / (n + hyper.Gamma))));
        double precision = random.NextGamma(0.5 * (hyper.A + n)) / rate;
        double mean = (sum / (n + hyper.Gamma)) + (random.NextNormal() / Math.Sqrt((n + hyper.Gamma) * precision));
        return ((float)mean, (float)precision);
    }
}

/// <summary>What is believed before any data.</summary>
/// <param name="A">λ ~ Gamma(A/2, rate B/2), for every λ of a field and for the noise precision α.</param>
/// <param name="B">See <paramref name="A"/>.</param>
/// <param name="Gamma">μ ~ N(0, 1/(Gamma λ)).</param>
/// <param name="Bias">w₀ ~ N(m, 1/Bias), m the mean label, or 0 for latents.</param>
internal sealed record HyperPrior(double A = 1, double B = 1, double Gamma = 1, double Bias = 1);
