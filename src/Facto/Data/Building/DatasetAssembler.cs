using Facto.Numerics;

namespace Facto.Data.Building;

/// <summary>
/// Makes the two-sided datasets of a log: split first, then everything that is learnt from data (vocabularies, bucket edges, means, bags,
/// popularity) from the training rows alone. It keeps the log, so that the same rows can be split again another way.
/// </summary>
internal sealed class DatasetAssembler
{
    private readonly AssemblyPlan _plan;
    private readonly Interactions _all;
    private readonly byte[]? _splits;   // of a log whose column names the split
    private readonly List<string> _userIds, _itemIds, _contextTuples;
    private readonly Func<string, string?>? _title;

    /// <summary>Takes over the columns of <paramref name="log"/>, without a copy where no row is dropped.</summary>
    /// <param name="plan">Fields, repeated pairs, negatives.</param>
    /// <param name="log">The rows; empty afterwards.</param>
    /// <param name="users">The users' table, or null.</param>
    /// <param name="items">The items' table, or null.</param>
    /// <param name="title">The title of an item id, or null when there are no titles.</param>
    public DatasetAssembler(AssemblyPlan plan, LogColumns log, EntityTable? users, EntityTable? items, Func<string, string?>? title)
    {
        (_plan, _title) = (plan, title);
        byte[]? splits = log.Splits();
        Interactions rows = log.ToInteractions();
        int[]? kept = Repeats.Resolve(rows, plan.Repeated, log.UserIds.Ids, log.ItemIds.Ids);
        RepeatedCount = kept is null ? 0 : rows.Count - kept.Length;
        _all = kept is null ? rows : rows.Select(kept);
        _splits = kept is null || splits is null ? splits : Array.ConvertAll(kept, r => splits[r]);
        _userIds = WithTable(log.UserIds, users);
        _itemIds = WithTable(log.ItemIds, items);
        _contextTuples = log.ContextTuples.Ids;
    }

    private DatasetAssembler(DatasetAssembler whole, int[] rows)
    {
        (_plan, _title, _userIds, _itemIds, _contextTuples) =
            (whole._plan, whole._title, whole._userIds, whole._itemIds, whole._contextTuples);
        _all = whole._all.Select(rows);
    }

    public long RepeatedCount { get; }

    /// <summary>Negatives that the last build drew.</summary>
    public long NegativeCount { get; private set; }

    /// <summary>Whether the examples have labels: the log's own, or those of drawn negatives.</summary>
    public bool HasLabels => _plan.HasLabels || _plan.Negatives is not null;

    /// <summary>Every interaction of the log, in every split, without drawn negatives.</summary>
    public Interactions All => _all;

    /// <summary>The same tables over some of the rows.</summary>
    public DatasetAssembler Of(int[] rows) => rows.Length == _all.Count ? this : new(this, rows);

    /// <summary>The datasets by name, over one schema and shared tables; one without examples is left out, except "train".</summary>
    /// <param name="spec">How to split; by the log's own column when it has one.</param>
    /// <param name="cancellation">Checked between steps and rows.</param>
    public Dictionary<string, Dataset> Build(SplitSpec spec, CancellationToken cancellation)
    {
        DatasetSplit split = spec.Kind is SplitKind.Column or SplitKind.Files && _splits is not null
            ? DatasetSplit.Of(_splits) : DatasetSplit.Make(spec, _all.Count, _all.Users, _all.Times);
        int[] itemExamples = Tally(_all.Items!, split.Train, _itemIds.Count);
        List<string>[] userBags = Bags(FieldSide.User, split), itemBags = Bags(FieldSide.Item, split);
        cancellation.ThrowIfCancellationRequested();
        var encoder = new FeatureEncoder(Fit(split, itemExamples));
        SparseRows users = Encode(encoder, FieldSide.User, _userIds, userBags, cancellation);
        SparseRows items = Encode(encoder, FieldSide.Item, _itemIds, itemBags, cancellation);
        SparseRows? contexts = _all.Contexts is null ? null : Encode(encoder, FieldSide.Context, _contextTuples, [], cancellation);
        Vocabulary userIds = new(_userIds), itemIds = new(_itemIds);
        TextColumn? titles = _title is null ? null : new TextColumn(_itemIds.Select(_title));
        var datasets = new Dictionary<string, Dataset>();
        var negatives = _plan.Negatives is { } drawn ? new NegativeRows(drawn, _all, _userIds.Count, itemExamples) : null;
        foreach ((
            string name, int[] rows) in new[] { ("train", split.Train), ("validation", split.Validation), ("test", split.Test),
            ("history", split.History) })
        {
            cancellation.ThrowIfCancellationRequested();
            if (rows.Length == 0 && name != "train") { continue; }
            Interactions interactions = negatives is null || name == "history" ? Rows(rows) : negatives.Add(rows, (ulong)datasets.Count);
            datasets.Add(name, new Dataset(encoder.Schema, interactions, users, items, contexts)
            {
                UserIds = userIds,
                ItemIds = itemIds,
                ItemTitles = titles,
                Source = this,
                SourceRows = rows,
            });
        }

        NegativeCount = negatives?.Count ?? 0;
        return datasets;
    }

    private static List<string> WithTable(IdTable log, EntityTable? table) =>
        table is null ? log.Ids : [.. log.Ids, .. table.Ids.Where(id => !log.Contains(id))];

    private static int[] Tally(NativeBlock<int> column, int[] rows, int count)
    {
        int[] tally = new int[count];
        foreach (int i in rows) { tally[column[i]]++; }
        return tally;
    }

    // All rows in their order are the columns themselves.
    private Interactions Rows(int[] rows) => rows.Length == _all.Count ? _all : _all.Select(rows);

    private FeatureSchema Fit(DatasetSplit split, int[] itemExamples)
    {
        int[] userExamples = Tally(_all.Users!, split.Train, _userIds.Count);
        int[] contextExamples = _all.Contexts is null ? [] : Tally(_all.Contexts, split.Train, _contextTuples.Count);
        return new FeatureSchema(_plan.Fields.Select(field =>
        {
            var fitter = new FieldFitter(field.Spec);
            (List<string> ids, int[] examples) = (field.Spec.Side, field.IsBagField) switch
            {
                (FieldSide.User, false) or (FieldSide.Item, true) => (_userIds, userExamples),
                (FieldSide.Item, false) or (FieldSide.User, true) => (_itemIds, itemExamples),
                _ => (_contextTuples, contextExamples),
            };
            for (int i = 0; i < ids.Count; i++)
            {
                if (field.IsBagField) { fitter.AddOne(ids[i], examples[i]); }
                else if (examples[i] > 0) { field.Fit(fitter, ids[i], examples[i]); }
            }

            return fitter.Fit();
        }));
    }

    // What each row of a side met in training (and, of held-out users, in their history) with a label above 0, the oldest first.
    private List<string>[] Bags(FieldSide side, DatasetSplit split)
    {
        if (!_plan.Fields.Any(f => f.IsBagField && f.Spec.Side == side)) { return []; }
        (NativeBlock<int> own, NativeBlock<int> other, List<string> names, int count) = side == FieldSide.User
            ? (_all.Users!, _all.Items!, _itemIds, _userIds.Count) : (_all.Items!, _all.Users!, _userIds, _itemIds.Count);
        var bags = new List<string>[count];
        for (int i = 0; i < count; i++) { bags[i] = []; }
        int[] known = side == FieldSide.User ? [.. split.Train, .. split.History] : split.Train;
        IEnumerable<int> inOrder = _all.Times is { } times ? known.OrderBy(i => times[i]) : known;
        foreach (int i in inOrder)
        {
            if (_all.Labels[i] > 0) { bags[own[i]].Add(names[other[i]]); }
        }

        return bags;
    }

    private SparseRows Encode(FeatureEncoder encoder, FieldSide side, List<string> ids, List<string>[] bags, CancellationToken cancellation)
    {
        int[] fields = [.. Enumerable.Range(0, _plan.Fields.Count).Where(f => _plan.Fields[f].Spec.Side == side)];
        var rows = new SparseRowsBuilder();
        var buffer = new FeatureBuffer();
        for (int r = 0; r < ids.Count; r++)
        {
            if ((r & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            buffer.Clear();
            foreach (int f in fields)
            {
                if (_plan.Fields[f].IsBagField) { encoder.Encode(f, bags[r], buffer); }
                else { _plan.Fields[f].Encode(encoder, f, ids[r], buffer); }
            }

            rows.AddRow(buffer.Row);
        }

        return rows.Build();
    }
}
