using Facto.Data;
using Facto.Numerics;

namespace Facto.Training;

/// <summary>
/// Keeps the answer out of the question. A user's bag holds the very items that the user's examples ask for, so that a model would learn
/// "an item follows itself", which says nothing about items that the user does not have yet. Here every user's items are dealt into folds:
/// an example sees the bag without its own item's fold, as the held-out items of an autoencoder's input are its targets. The bag leaves the
/// user's row and becomes part of a context row per user and fold, so that the examples of a fold still share one query and the tables stay
/// linear in the bags (folds − 1 copies), where leaving out one item at a time would be quadratic; a user with as few items as folds has
/// exactly that. Examples of other items (label 0) get a fold by lot, so that the size of a bag tells nothing about the label. What remains
/// is scaled to what its pooling makes of the smaller bag.
/// </summary>
internal static class HistoryFolds
{
    /// <summary>The same examples with folded bags; the data themselves when no user field is a bag.</summary>
    /// <param name="data">Training examples.</param>
    /// <param name="folds">2 or more; 0 leaves every bag whole.</param>
    /// <param name="seed">Start of the draws; a user's depend on the seed and the user alone.</param>
    public static Dataset Apply(Dataset data, int folds, ulong seed)
    {
        if (folds == 0 || data.Users is not { } users || data.Items is null) { return data; }
        if (HistoryFeatures.Of(data.Schema, data.ItemIds) is not { } history) { return data; }
        int[][] examples = ExamplesOf(data, users.RowCount);
        var rows = new SparseRowsBuilder();
        var dealer = new HistoryDealer(data, history, folds);
        for (int u = 0; u < users.RowCount; u++)
        {
            AddPlain(users[u], history, rows);
            dealer.Fold(u, examples[u], new SeededRandom(seed, 0x466f6c64_00000000 + (ulong)u));
        }

        Interactions from = data.Interactions;
        var interactions =
            new Interactions
            {
                Users = from.Users,
                Items = from.Items,
                Contexts = dealer.ContextOf,
                Labels = from.Labels,
                Weights = from.Weights,
                Times = from.Times
            };
        return new Dataset(data.Schema, interactions, rows.Build(), data.Items, dealer.Contexts.Build())
        {
            UserIds = data.UserIds,
            ItemIds = data.ItemIds,
            ItemTitles = data.ItemTitles,
            HasFoldedHistory = true,
        };
    }

    private static int[][] ExamplesOf(Dataset data, int userCount)
    {
        Span<int> users = data.Interactions.Users!.Span;
        int[] counts = new int[userCount];
        foreach (int user in users) { counts[user]++; }
        int[][] examples = Array.ConvertAll(counts, c => new int[c]);
        Array.Clear(counts);
        for (int i = 0; i < users.Length; i++) { examples[users[i]][counts[users[i]]++] = i; }
        return examples;
    }

    private static void AddPlain(SparseRow user, HistoryFeatures history, SparseRowsBuilder rows)
    {
        for (int i = 0; i < user.Count; i++)
        {
            if (history.BagOf(user.Features[i]) < 0) { rows.Add(user.Features[i], user.Value(i)); }
        }

        rows.EndRow();
    }
}
