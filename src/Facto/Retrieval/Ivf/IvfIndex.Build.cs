using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Ivf;

/// <content>How the lists come about.</content>
internal sealed unsafe partial class IvfIndex
{
    /// <summary>Clusters the rows of <paramref name="items"/>.</summary>
    /// <param name="items">Item vectors; coordinate 0 is the item's own quality when they come from a factorization machine.</param>
    /// <param name="users">Real user vectors, which shape the space and teach what each list promises. Null when there are none.</param>
    /// <param name="options">How to build; null for the defaults.</param>
    /// <param name="cancel">Stops the build.</param>
    /// <exception cref="FactoException">An option or an item is unusable.</exception>
    public static IvfIndex Build(RowMatrix items, RowMatrix? users = null, IvfOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new IvfOptions();
        options.Validate();
        if (items.ColumnCount < 1) { throw new FactoException("items have no coordinates; export vectors of at least one"); }
        if (users is not null && users.ColumnCount != items.ColumnCount)
        {
            throw new FactoException($"users have {users.ColumnCount} coordinates, items {items.ColumnCount}; export both from one model");
        }

        SearchArguments.RequireFinite(items, "item");
        if (users is not null) { SearchArguments.RequireFinite(users, "user"); }
        ItemSpace space = ItemSpace.Measure(items, users);
        int lists = Math.Clamp(options.Nlist == 0 ? (int)(2 * Math.Sqrt(items.RowCount)) : options.Nlist, 1, Math.Max(1, items.RowCount));
        CoarseClusters clusters = CoarseClusters.Train(items, space, lists, options.Iterations, options.Seed, cancel);
        int[] nearest = clusters.AssignAll(items, space, cancel), order = [.. Enumerable.Range(0, items.RowCount)];
        Array.Sort((int[])nearest.Clone(), order);
        var starts = new int[lists + 1];
        foreach (int list in nearest) { starts[list + 1]++; }
        for (int list = 0; list < lists; list++) { starts[list + 1] += starts[list]; }
        for (int list = 0; list < lists; list++) { Array.Sort(order, starts[list], starts[list + 1] - starts[list]); }
        CodedItems stored = CodedItems.StoreInOrder(items, order, space, linkStride: 0, isCoded: options.CodeBytes == 0);
        var centres = new RowMatrix(lists, Math.Max(1, space.RestDimension));
        for (int list = 0; list < lists; list++) { clusters.Centres.Row(list)[..space.RestDimension].CopyTo(centres.Row(list)); }
        var leads = new float[lists];
        for (int list = 0; list < lists; list++)
        {
            for (int slot = starts[list]; slot < starts[list + 1]; slot++)
            {
                leads[list] += stored.Scales[slot].Lead / (starts[list + 1] - starts[list]);
            }
        }

        ProductCodes? product = options.CodeBytes == 0
            ? null
            : ProductCodes.Build(stored, space, centres, starts, options.CodeBytes, options.Seed, cancel);
        var index = new IvfIndex(stored, space, centres, new float[lists], leads, starts, product, options.Nprobe, options.Rescored);
        index.LearnOffsets(users ?? items, cancel);
        GC.KeepAlive(items);
        GC.KeepAlive(users);
        return index;
    }

    // offset = mean over users of (best score in the list − its centre's score)
    private void LearnOffsets(RowMatrix users, CancellationToken cancel)
    {
        int sampled = Math.Min(users.RowCount, 200);
        SearchScratch scratch = _scratch.Rent();
        for (int sample = 0; sample < sampled; sample++)
        {
            cancel.ThrowIfCancellationRequested();
            ReadOnlySpan<float> user = users.Row((int)((long)sample * users.RowCount / sampled));
            QueryScore score = Prepare(scratch, user, 1);
            for (int list = 0; list < Nlist; list++)
            {
                if (_starts[list] == _starts[list + 1]) { continue; }
                scratch.Begin(_items, 1);
                ScoreList(list, scratch, score, user[0], default(OpenAdmission));
                if (scratch.Best.Count > 0)
                {
                    _offsets[list] += (scratch.Best.Value(0) - Promise(list, user[0], Sigma(scratch))) / sampled;
                }
            }
        }

        _scratch.Return(scratch);
    }
}
