using System.Runtime.CompilerServices;

namespace Facto.Retrieval.Bounded;

/// <summary>
/// A query in int16, q ≈ step · code after its first coordinate, and what follows from it. For item x = scale·c + e and query q = step·z +
/// δ, Cauchy and Schwarz give ⟨q, x⟩ ≤ q₀x₀ + scale·(step·⟨z,c⟩ + ‖q‖·‖e‖/scale + ‖δ‖·‖c‖). Rounding counts too: the float32 score that the
/// exact index would compute differs from the true one by at most (D+1)·2⁻²⁴·(|q₀x₀| + ‖q‖‖x‖), and the bound itself is computed in float32
/// with a handful of roundings; <see cref="Rounding"/> is more than twice their sum. So an item whose bound lies below a score cannot beat
/// it.
/// </summary>
internal readonly ref struct QueryBounds
{
    private readonly double _norm;        // ‖q‖ after the first coordinate
    private readonly double _residual;    // ‖δ‖

    public QueryBounds(ReadOnlySpan<float> query, Span<int> pairs)
    {
        Lead = query[0];
        Rounding = (query.Length + 16) * (1.0 / (1 << 23));
        float largest = 0;
        double squares = 0;
        foreach (float value in query[1..])
        {
            largest = Math.Max(largest, Math.Abs(value));   // NaN stays NaN
            squares += (double)value * value;
        }

        // 32-bit sums of dimension − 1 products of at most 127·limit must not overflow.
        float limit = Math.Min(short.MaxValue, int.MaxValue / 128 / query.Length);
        Step = Math.Max(largest / limit, 1e-30f);
        double residuals = 0;
        pairs.Clear();
        for (int d = 1; d < query.Length; d++)
        {
            int code = (int)Math.Clamp(MathF.Round(query[d] / Step), -limit, limit);
            double rest = query[d] - ((double)Step * code);
            residuals += rest * rest;
            pairs[(d - 1) / 2] |= (d - 1) % 2 == 0 ? (ushort)code : code << 16;
        }

        _norm = Math.Sqrt(squares);
        _residual = Math.Sqrt(residuals);
        IsUsable = double.IsFinite(_norm) && float.IsFinite(Lead) && _norm < 1e30 && Math.Abs(Lead) < 1e30f;
    }

    /// <summary>q₀.</summary>
    public float Lead { get; }

    public float Step { get; }

    /// <summary>Relative rounding error that the bounds allow for.</summary>
    public double Rounding { get; }

    /// <summary>False when the query holds something that is no ordinary number: then nothing may be skipped.</summary>
    public bool IsUsable { get; }

    /// <summary>‖q‖ after the first coordinate, so large that rounding is covered.</summary>
    public float SafeNorm => (float)(_norm * (1 + (2 * Rounding)));

    /// <summary>What to take from a threshold before panel bounds are compared with it.</summary>
    public float LeadSlack(float largestLead) => (float)(2 * Rounding * Math.Abs(Lead) * largestLead);

    /// <summary>‖q‖·‖e‖/scale + ‖δ‖·‖c‖ for the worst item of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Error(float largestError, float largestCode) => (float)(((_norm * largestError) + (_residual * largestCode)) * (1 + 1e-5));

    /// <summary>What to take from a threshold before item bounds of a panel are compared with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slack(float leadSlack, float largestNorm) => leadSlack + (float)(2 * Rounding * _norm * largestNorm);
}
