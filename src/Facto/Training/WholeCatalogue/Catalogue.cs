using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// The two sides and the observed pairs between them. A context row is a distinct (user row, context row) of the positive training
/// examples, with the features of both; an item row is an item row of the dataset. Examples with a label of 0 are pairs like any other
/// unobserved one.
/// </summary>
internal sealed class Catalogue : IDisposable
{
    public Catalogue(Dataset data, CatalogueSettings options, int factors)
    {
        if (data.Users is null || data.Items is null)
        {
            throw new FactoException(
                "solver 'icd' needs users and items, and these examples have no sides; give the map from fields to sides (user, item, "
                    + "context)");
        }

        List<int> positives = Positives(data);
        (int[] contextOf, SparseRows contextRows) = Contexts(data, positives);
        int[] items = [.. positives.Select(i => data.Interactions.Items![i])];
        float[] targets = [.. positives.Select(i => data.Interactions.Labels[i])];
        float[] weights = data.Interactions.Weights is { } w ? [.. positives.Select(i => w[i])] : [];
        ByContext = PairTable.Group(contextRows.RowCount, contextOf, data.Items.RowCount, items, targets, weights);
        ByItem = PairTable.Group(data.Items.RowCount, items, contextRows.RowCount, contextOf, targets, weights);
        ContextSide = new CatalogueSide(data.Schema, contextRows, null, factors);
        ItemSide = new CatalogueSide(data.Schema, data.Items, ItemWeights(ByItem, options.PopularityExponent), factors);
        for (int c = 0; c < contextRows.RowCount; c++) { TotalWeight += ByContext.Weight(c); }
    }

    public CatalogueSide ContextSide { get; }

    public CatalogueSide ItemSide { get; }

    /// <summary>S by context row.</summary>
    public PairTable ByContext { get; }

    /// <summary>S by item row.</summary>
    public PairTable ByItem { get; }

    /// <summary>Σ_S ω.</summary>
    public double TotalWeight { get; }

    public void Dispose()
    {
        ContextSide.Dispose();
        ItemSide.Dispose();
    }

    private static List<int> Positives(Dataset data)
    {
        var positives = new List<int>(data.Count);
        for (int i = 0; i < data.Count; i++)
        {
            if (data.Interactions.Labels[i] > 0) { positives.Add(i); }
        }

        return positives.Count > 0
            ? positives
            : throw new FactoException("solver 'icd' learns from examples with a label above 0, and there are none");
    }

    private static (int[] ContextOf, SparseRows Rows) Contexts(Dataset data, List<int> positives)
    {
        var numbers = new Dictionary<(int User, int Context), int>();
        var rows = new SparseRowsBuilder();
        int[] contextOf = new int[positives.Count];
        for (int p = 0; p < contextOf.Length; p++)
        {
            (int User, int Context) key = (data.Interactions.Users![positives[p]], data.ContextRow(positives[p]));
            if (!numbers.TryGetValue(key, out int number))
            {
                number = rows.RowCount;
                numbers.Add(key, number);
                SparseRow user = data.Users![key.User];
                for (int i = 0; i < user.Count; i++) { rows.Add(user.Features[i], user.Value(i)); }
                rows.AddRow(key.Context < 0 ? default : data.Contexts![key.Context]);
            }

            contextOf[p] = number;
        }

        return (contextOf, rows.Build());
    }

    // q_t: 1, or popularity^ρ with mean 1; an item that nobody met says nothing about what contexts turn down, and weighs 0.
    private static NativeBlock<float>? ItemWeights(PairTable pairs, double exponent)
    {
        var weights = new NativeBlock<float>((long)pairs.RowCount);
        double total = 0;
        int met = 0;
        for (int t = 0; t < pairs.RowCount; t++)
        {
            double popularity = pairs.Weight(t);
            if (popularity == 0) { continue; }
            weights[t] = (float)Popularity.Weight(popularity, exponent);
            total += weights[t];
            met++;
        }

        if (exponent == 0 && met == pairs.RowCount) { return null; }
        for (int t = 0; t < pairs.RowCount; t++) { weights[t] *= (float)(met / total); }
        return weights;
    }
}
