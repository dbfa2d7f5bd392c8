using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// One query's scores y = sim(s, r) + g against its positives and the shared negatives. A loss reads them and leaves dL/dy in their place.
/// </summary>
internal unsafe readonly struct QueryScores
{
    /// <summary>The score of a negative that is one of the query's positives: its exponential vanishes.</summary>
    public const float Masked = -1e30f;

    /// <summary>In: y of each positive. Out: dL/dy.</summary>
    public required float* Positives { get; init; }

    /// <summary>Weight of each positive.</summary>
    public required float* Weights { get; init; }

    /// <summary>Number of positives.</summary>
    public required int PositiveCount { get; init; }

    /// <summary>In: y of each negative, <see cref="Masked"/> where it does not count. Out: dL/dy.</summary>
    public required float* Negatives { get; init; }

    /// <summary>Number of negatives, a multiple of <see cref="RowMatrix.Padding"/>.</summary>
    public required int NegativeCount { get; init; }

    /// <summary>Added to y/τ of each negative: −ln(expected count in the sample), or 0.</summary>
    public required float* Corrections { get; init; }

    /// <summary>The query's estimated K-th highest score.</summary>
    public required float Quantile { get; init; }

    /// <summary>
    /// Replaces every negative's y by e^(y/τ + correction − shift) and returns ln Σ e^(y/τ + correction), with the shift that keeps the
    /// largest at 1.
    /// </summary>
    public double Exponentiate<TLanes>(float temperature, out float shift)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes inverse = TLanes.All(1f / temperature), most = TLanes.All(Masked);
        for (int j = 0; j < NegativeCount; j += TLanes.Count)
        {
            TLanes z = TLanes.MulAdd(TLanes.Load(ref Negatives[j]), inverse, TLanes.Load(ref Corrections[j]));
            TLanes.Store(z, ref Negatives[j]);
            most = TLanes.Max(most, z);
        }

        float* lanes = stackalloc float[RowMatrix.Padding];
        TLanes.Store(most, ref *lanes);
        shift = lanes[0];
        for (int l = 1; l < TLanes.Count; l++) { shift = MathF.Max(shift, lanes[l]); }
        TLanes down = TLanes.All(-shift), sum = TLanes.Zero;
        for (int j = 0; j < NegativeCount; j += TLanes.Count)
        {
            TLanes e = LanesMath.Exp(TLanes.Load(ref Negatives[j]) + down);
            TLanes.Store(e, ref Negatives[j]);
            sum += e;
        }

        return shift + Math.Log(TLanes.Sum(sum));
    }

    /// <summary>Multiplies every negative by <paramref name="factor"/>.</summary>
    public void ScaleNegatives<TLanes>(float factor)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes scale = TLanes.All(factor);
        for (int j = 0; j < NegativeCount; j += TLanes.Count) { TLanes.Store(TLanes.Load(ref Negatives[j]) * scale, ref Negatives[j]); }
    }
}

/// <summary>
/// A loss of one query over its positives and the negatives that its batch shares. To add one: write a struct in a file of its own and one
/// line in <see cref="Solvers"/>.
/// </summary>
internal interface IQueryLoss
{
    /// <summary>Returns Σ over positives of weight × loss, and leaves its derivatives in <paramref name="scores"/>.</summary>
    static abstract double Differentiate<TLanes>(in QueryScores scores, RankingOptions options)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>True when the loss reads <see cref="QueryScores.Quantile"/>.</summary>
    static virtual bool UsesQuantile => false;
}
