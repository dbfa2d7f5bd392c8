using Facto.Data;

namespace Facto;

/// <summary>
/// A rule by which interactions are held out for a test, and as many again for validation when three datasets are asked for. What is learnt
/// from data (vocabularies, bucket edges, means, histories, popularity) is learnt from the training rows alone.
/// </summary>
public sealed class Split
{
    private readonly Func<bool, SplitSpec> _spec;   // with or without validation

    private Split(Func<bool, SplitSpec> spec) => _spec = spec;

    /// <summary>
    /// The last interactions of every user, by time, or by their order where times are equal or missing. A user who would have none left
    /// keeps all.
    /// </summary>
    /// <param name="count">Per user, ≥ 1.</param>
    public static Split LeaveLast(int count = 1) =>
        new(validation => new SplitSpec { Kind = SplitKind.LeaveLast, Last = count, ValidationPart = validation });

    /// <summary>A random share of the interactions.</summary>
    /// <param name="share">Above 0 and below ½.</param>
    /// <param name="seed">Start of the random draws.</param>
    public static Split Random(double share, ulong seed = 1) => OfShare(SplitKind.Random, share, seed, 0);

    /// <summary>The newest share of the interactions; those of the same time stay together.</summary>
    /// <param name="share">Above 0 and below ½.</param>
    public static Split ByTime(double share) => OfShare(SplitKind.Time, share, 1, 0);

    /// <summary>All interactions of a random share of the users.</summary>
    /// <param name="share">Above 0 and below ½.</param>
    /// <param name="history">This share of each held-out user's interactions, the oldest, is known when recommending to them and is not
    /// judged; 0 to below 1.</param>
    /// <param name="seed">Start of the random draws.</param>
    public static Split Users(double share, double history = 0, ulong seed = 1) => OfShare(SplitKind.Users, share, seed, history);

    internal SplitSpec Spec(bool validation) => _spec(validation);

    private static Split OfShare(SplitKind kind, double share, ulong seed, double history)
    {
        if (share is not (> 0 and < 0.5))
        {
            throw new FactoException($"the share to hold out is {share}: it must lie above 0 and below 0.5");
        }
        return new(
            validation => new SplitSpec { Kind = kind, Test = share, Validation = validation ? share : 0, Seed = seed, History = history });
    }
}

/// <summary>A dataset about to be split: take it apart into (train, test) or (train, validation, test).</summary>
public sealed class Splits
{
    private readonly Dataset _data;
    private readonly Split _split;

    internal Splits(Dataset data, Split split)
    {
        ArgumentNullException.ThrowIfNull(split);
        (_data, _split) = (data, split);
    }

    /// <summary>What is learnt from and what is held out to judge by.</summary>
    /// <exception cref="FactoException">The rule needs what the data does not have, or nothing is left on one side; the message says what
    /// to do.</exception>
    public void Deconstruct(out Dataset train, out Dataset test)
    {
        Dictionary<string, Dataset> all = Build(validation: false);
        (train, test) = (all["train"], Take(all, "test"));
    }

    /// <summary>The same with a third dataset, as large as the test, for early stopping and choices.</summary>
    /// <inheritdoc cref="Deconstruct(out Dataset, out Dataset)"/>
    public void Deconstruct(out Dataset train, out Dataset validation, out Dataset test)
    {
        Dictionary<string, Dataset> all = Build(validation: true);
        (train, validation, test) = (all["train"], Take(all, "validation"), Take(all, "test"));
    }

    private Dictionary<string, Dataset> Build(bool validation)
    {
        if (_data.Source is not { } source)
        {
            throw new FactoException(
                "this dataset came from a file, where it was split already: split data that Dataset.From built, or import it with "
                    + "another split");
        }

        Dictionary<string, Dataset> all = source.Of(_data.SourceRows).Build(_split.Spec(validation), CancellationToken.None);
        if (all["train"].Count == 0) { throw new FactoException("the split leaves nothing to learn from: hold out less"); }
        Dataset? history = all.GetValueOrDefault("history");
        foreach (Dataset dataset in all.Values) { dataset.KnownHistory = history; }
        return all;
    }

    private static Dataset Take(Dictionary<string, Dataset> all, string name) => all.TryGetValue(name, out Dataset? dataset)
        ? dataset
        : throw new FactoException(
            $"the split leaves nothing for {name}: the data is too small for it, or every user has too few interactions");
}
