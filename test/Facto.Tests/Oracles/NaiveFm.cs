using Facto.Data;
using Facto.Models;

namespace Facto.Tests.Oracles;

/// <summary>Rendle 2010, equation 1, as it is written: the double sum over pairs, in double precision.</summary>
internal static class NaiveFm
{
    public static double Score(FmModel model, IReadOnlyList<(int Feature, float Value)> x)
    {
        double score = model.Bias;
        foreach ((int i, float xi) in x) { score += (double)model.Linear[i] * xi; }
        for (int a = 0; a < x.Count; a++)
        {
            for (int b = a + 1; b < x.Count; b++) { score += Pair(model, x[a], x[b]); }
        }

        return score;
    }

    /// <summary>w₀ + Σ w x + cos(Σ_user v x, Σ_item v z); the cosine with an empty side is 0.</summary>
    public static double CosineScore(
        FmModel model, IReadOnlyList<(int Feature, float Value)> user, IReadOnlyList<(int Feature, float Value)> item)
    {
        double score = model.Bias + user.Concat(item).Sum(a => (double)model.Linear[a.Feature] * a.Value);
        double cross = 0, s2 = 0, r2 = 0;
        for (int f = 0; f < model.FactorCount; f++)
        {
            double s = user.Sum(a => (double)model.Factors.Row(a.Feature)[f] * a.Value),
                r = item.Sum(a => (double)model.Factors.Row(a.Feature)[f] * a.Value);
            (cross, s2, r2) = (cross + (s * r), s2 + (s * s), r2 + (r * r));
        }

        return s2 > 0 && r2 > 0 ? score + (cross / Math.Sqrt(s2 * r2)) : score;
    }

    /// <summary>The size of the numbers that cancel in a score, for relative tolerances.</summary>
    public static double Magnitude(FmModel model, IReadOnlyList<(int Feature, float Value)> x)
    {
        double size = Math.Abs(model.Bias) + 1;
        foreach ((int i, float xi) in x) { size += Math.Abs((double)model.Linear[i] * xi); }
        for (int f = 0; f < model.FactorCount; f++)
        {
            double q = x.Sum(a => Math.Abs((double)model.Factors.Row(a.Feature)[f] * a.Value));
            size += q * q;
        }

        return size;
    }

    public static List<(int Feature, float Value)> Join(params SparseRowCopy[] rows) => [.. rows.SelectMany(r => r.Pairs)];

    private static double Pair(FmModel model, (int Feature, float Value) a, (int Feature, float Value) b)
    {
        double dot = 0;
        for (int f = 0; f < model.FactorCount; f++) { dot += (double)model.Factors.Row(a.Feature)[f] * model.Factors.Row(b.Feature)[f]; }
        return dot * a.Value * b.Value;
    }
}

/// <summary>A sparse row that can be kept.</summary>
internal sealed record SparseRowCopy((int Feature, float Value)[] Pairs)
{
    private readonly int[] _features = [.. Pairs.Select(p => p.Feature)];
    private readonly float[] _values = [.. Pairs.Select(p => p.Value)];

    public SparseRow Row => Array.TrueForAll(_values, v => v == 1f) ? new SparseRow(_features, default) : new SparseRow(_features, _values);
}
