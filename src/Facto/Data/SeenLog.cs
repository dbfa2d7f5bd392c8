using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// What users have already: every interaction of a log, in every split and whatever its label, without negatives that were drawn. Where
/// negatives are among the training examples the log is kept beside them as "seen".
/// </summary>
internal static class SeenLog
{
    public const string Name = "seen";

    /// <summary>The log of a dataset's splits: the one that is kept beside them, otherwise all of them together.</summary>
    public static Interactions Of(IReadOnlyDictionary<string, Dataset> splits)
    {
        if (splits.TryGetValue(Name, out Dataset? kept)) { return kept.Interactions; }
        Dataset[] all = [.. splits.Values.Where(s => s.Users is not null && s.Items is not null)];
        if (all.Length == 1) { return Bare(all[0].Interactions); }
        return new Interactions
        {
            Users = Joined(all, i => i.Users!),
            Items = Joined(all, i => i.Items!),
            Labels = Joined(all, i => i.Labels),
        };
    }

    /// <summary>The log of one dataset: all that it was split from, or its own interactions.</summary>
    public static Interactions Of(Dataset data) => Bare(data.Source?.All ?? data.Interactions);

    /// <summary>The training data and the log, to be kept in one file.</summary>
    public static Dictionary<string, Dataset> Parts(Dataset train, Interactions seen) =>
        new()
        {
            ["train"] = train,
            [Name] = new Dataset(train.Schema, Bare(seen), train.Users, train.Items) { UserIds = train.UserIds, ItemIds = train.ItemIds }
        };

    private static Interactions Bare(Interactions all) => new() { Users = all.Users, Items = all.Items, Labels = all.Labels };

    private static NativeBlock<T> Joined<T>(Dataset[] all, Func<Interactions, NativeBlock<T>> column)
        where T : unmanaged
    {
        var result = new NativeBlock<T>(all.Sum(d => (long)d.Count));
        int at = 0;
        foreach (Dataset data in all)
        {
            column(data.Interactions).Span.CopyTo(result.Slice(at, data.Count));
            at += data.Count;
        }

        return result;
    }
}
