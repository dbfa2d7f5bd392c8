using Facto.Data;
using Facto.Models;

namespace Facto.Tests.Oracles;

/// <summary>The ranking losses as their papers write them, over the whole catalogue, in double precision, one positive at a time.</summary>
internal static class NaiveRankingLoss
{
    /// <summary>A loss of one positive: (its score, the scores of all items that the query did not choose).</summary>
    public delegate double OfPositive(double positive, IReadOnlyList<double> negatives);

    public static OfPositive Softmax(double temperature) => (y, negatives) =>
        -Math.Log(Math.Exp(y / temperature) / (Math.Exp(y / temperature) + negatives.Sum(n => Math.Exp(n / temperature))));

    public static OfPositive Bilateral(double temperature, double exponent, int padded) => (y, negatives) =>
        -Math.Log(Math.Exp(y / temperature) / Math.Pow(negatives.Sum(n => Math.Exp(n / temperature)) / padded, exponent));

    /// <summary>Weighted mean over all positives of a dataset.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Positives are examples with a label above 0.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="extraWeight">(example, score) → factor on the example's weight in the sum; the divisor keeps the plain weights.</param>
    public static double Mean(FmModel model, Dataset data, OfPositive loss, Func<int, double>? extraWeight = null)
    {
        double sum = 0, total = 0;
        for (int e = 0; e < data.Count; e++)
        {
            if (data.Interactions.Labels[e] <= 0) { continue; }
            HashSet<int> chosen =
                [.. Enumerable.Range(0, data.Count).Where(o => IsSameQuery(data, e, o)).Select(o => data.Interactions.Items![o])];
            List<double> negatives =
                [.. Enumerable.Range(0, data.Items!.RowCount).Where(i => !chosen.Contains(i)).Select(i => Score(model, data, e, i))];
            double weight = data.Interactions.Weights?[e] ?? 1;
            sum += weight * (extraWeight?.Invoke(e) ?? 1) * loss(Score(model, data, e, data.Interactions.Items![e]), negatives);
            total += weight;
        }

        return sum / total;
    }

    /// <summary>What ranks the item for the example's user and context: cross term plus the item's own term.</summary>
    public static double Score(FmModel model, Dataset data, int example, int item)
    {
        int context = data.ContextRow(example);
        List<(int, float)> user =
            [.. Pairs(data.Users![data.Interactions.Users![example]]), .. context < 0 ? [] : Pairs(data.Contexts![context])];
        List<(int, float)> items = Pairs(data.Items![item]);
        return model.Similarity == Similarity.Cosine
            ? NaiveFm.CosineScore(model, user, items) - user.Sum(a => (double)model.Linear[a.Item1] * a.Item2)
            : Cross(model, user, items) + NaiveFm.Score(model, items) - model.Bias;
    }

    private static bool IsSameQuery(Dataset data, int a, int b) =>
        data.Interactions.Labels[b] > 0 && data.Interactions.Users![a] == data.Interactions.Users[b]
            && data.ContextRow(a) == data.ContextRow(b);

    private static double Cross(FmModel model, List<(int Feature, float Value)> user, List<(int Feature, float Value)> item) =>
        user.Sum(
            a =>
            item.Sum(
                b =>
                (double)a.Value * b.Value * Enumerable.Range(0, model.FactorCount)
                .Sum(f => (double)model.Factors.Row(a.Feature)[f] * model.Factors.Row(b.Feature)[f])));

    private static List<(int, float)> Pairs(SparseRow row)
    {
        var pairs = new List<(int, float)>();
        for (int i = 0; i < row.Count; i++) { pairs.Add((row.Features[i], row.Value(i))); }
        return pairs;
    }
}
