using Facto.Data;
using Facto.Numerics;

namespace Facto.Import;

/// <summary>
/// Makes the two-sided dataset of a log: split first, then everything that is learnt from data (vocabularies, bucket edges, means, bags, popularity)
/// from the training part alone.
/// </summary>
internal sealed class DatasetBuilder
{
    private readonly ProjectFile _project;
    private readonly RawLog _log;
    private readonly Interactions _all;
    private readonly DatasetSplit _split;
    private readonly FieldValues[] _fields;
    private readonly List<string> _userIds, _itemIds;

    public DatasetBuilder(ProjectFile project, RawLog log, EntityTable? users, EntityTable? items)
    {
        _project = project;
        _log = log;
        int[] rows = Repeats.Resolve(log, project.Interactions.Repeated);
        RepeatedCount = log.Count - rows.Length;
        _all = Repeats.Columns(log, rows);
        _split = project.Split.Kind == SplitKind.Column
            ? DatasetSplit.Of(Array.ConvertAll(rows, r => log.Parts[r]))
            : DatasetSplit.Make(project.Split, _all.Count, _all.Users, _all.Times);
        _fields = [.. FieldValues.SpecsOf(project).Select(s => FieldValues.Bind(project, s, users, items))];
        _userIds = WithTable(log.UserIds, users);
        _itemIds = WithTable(log.ItemIds, items);
    }

    public long RepeatedCount { get; }

    public long NegativeCount { get; private set; }

    /// <summary>The parts, over one schema and shared tables; a part without examples is left out.</summary>
    /// <param name="title">The title of an item id, or null when there are no titles.</param>
    /// <param name="cancellation">Checked between steps and rows.</param>
    public Dictionary<string, Dataset> Build(Func<string, string?>? title, CancellationToken cancellation)
    {
        int[] userExamples = Tally(_all.Users!, _userIds.Count), itemExamples = Tally(_all.Items!, _itemIds.Count);
        int[] contextExamples = _all.Contexts is null ? [] : Tally(_all.Contexts, _log.ContextTuples.Ids.Count);
        List<string>[] userBags = Bags(FieldSide.User), itemBags = Bags(FieldSide.Item);
        cancellation.ThrowIfCancellationRequested();
        var schema = new FeatureSchema(_fields.Select(f => Fit(f, f.Spec.Side switch
        {
            FieldSide.User => (_userIds, userExamples),
            FieldSide.Item => (_itemIds, itemExamples),
            _ => (_log.ContextTuples.Ids, contextExamples),
        })));
        var encoder = new FeatureEncoder(schema);
        SparseRows users = Encode(encoder, FieldSide.User, _userIds, userBags, cancellation);
        SparseRows items = Encode(encoder, FieldSide.Item, _itemIds, itemBags, cancellation);
        SparseRows? contexts = _all.Contexts is null ? null : Encode(encoder, FieldSide.Context, _log.ContextTuples.Ids, [], cancellation);
        Vocabulary userIds = new(_userIds), itemIds = new(_itemIds);
        TextColumn? titles = title is null ? null : new TextColumn(_itemIds.Select(title));
        var parts = new Dictionary<string, Dataset>();
        var known = new List<(int User, int Item)>();
        foreach ((string name, int[] rows) in new[] { ("train", _split.Train), ("validation", _split.Validation), ("test", _split.Test) })
        {
            if (rows.Length == 0 && name != "train") { continue; }
            Interactions part = _project.Negatives is { } negatives ? WithNegatives(rows, negatives, known, itemExamples, (ulong)parts.Count) : _all.Select(rows);
            parts.Add(name, new Dataset(schema, part, users, items, contexts) { UserIds = userIds, ItemIds = itemIds, ItemTitles = titles });
        }

        if (_split.History.Length > 0) { parts.Add("history", parts["train"].WithInteractions(_all.Select(_split.History))); }

        return parts;
    }

    private static List<string> WithTable(IdTable log, EntityTable? table)
    {
        if (table is null) { return log.Ids; }
        var inLog = log.Ids.ToHashSet();
        return [.. log.Ids, .. table.Ids.Where(id => !inLog.Contains(id))];
    }

    // Training examples of each row of a table.
    private int[] Tally(NativeBlock<int> column, int count)
    {
        int[] tally = new int[count];
        foreach (int i in _split.Train) { tally[column[i]]++; }
        return tally;
    }

    private Field Fit(FieldValues field, (List<string> Ids, int[] Examples) table)
    {
        var fitter = new FieldFitter(field.Spec);
        if (field.IsBagField)
        {
            (List<string> ids, int[] examples) = field.Spec.Side == FieldSide.User ? (_itemIds, Tally(_all.Items!, _itemIds.Count)) : (_userIds, Tally(_all.Users!, _userIds.Count));
            for (int i = 0; i < ids.Count; i++) { fitter.AddOne(ids[i], examples[i]); }
            return fitter.Fit();
        }

        for (int i = 0; i < table.Ids.Count; i++)
        {
            if (table.Examples[i] > 0) { fitter.Add(field.Text(table.Ids[i]), table.Examples[i]); }
        }

        return fitter.Fit();
    }

    // What each row of a side met in training (and, of held-out users, in their history) with a label above 0, the oldest first.
    private List<string>[] Bags(FieldSide side)
    {
        if (!_fields.Any(f => f.IsBagField && f.Spec.Side == side)) { return []; }
        (NativeBlock<int> own, NativeBlock<int> other, List<string> names, int count) = side == FieldSide.User
            ? (_all.Users!, _all.Items!, _itemIds, _userIds.Count) : (_all.Items!, _all.Users!, _userIds, _itemIds.Count);
        var bags = new List<string>[count];
        for (int i = 0; i < count; i++) { bags[i] = []; }
        int[] known = side == FieldSide.User ? [.. _split.Train, .. _split.History] : _split.Train;
        IEnumerable<int> inOrder = _all.Times is { } times ? known.OrderBy(i => times[i]) : known;
        foreach (int i in inOrder)
        {
            if (_all.Labels[i] > 0) { bags[own[i]].Add(names[other[i]]); }
        }

        return bags;
    }

    private SparseRows Encode(FeatureEncoder encoder, FieldSide side, List<string> ids, List<string>[] bags, CancellationToken cancellation)
    {
        int[] fields = [.. Enumerable.Range(0, _fields.Length).Where(f => _fields[f].Spec.Side == side)];
        var rows = new SparseRowsBuilder();
        var buffer = new FeatureBuffer();
        for (int r = 0; r < ids.Count; r++)
        {
            if ((r & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            buffer.Clear();
            foreach (int f in fields)
            {
                if (_fields[f].IsBagField) { encoder.Encode(f, bags[r], buffer); }
                else { encoder.Encode(f, _fields[f].Text(ids[r]), buffer); }
            }

            rows.AddRow(buffer.Row);
        }

        return rows.Build();
    }

    // Each positive is followed by its negatives, which share its user, context, time and weight. Known are the positives of this part and of
    // those before it, so that nothing about a later part can be told from an earlier one.
    private Interactions WithNegatives(int[] rows, NegativeSpec spec, List<(int User, int Item)> known, int[] popularity, ulong part)
    {
        known.AddRange(rows.Where(i => _all.Labels[i] > 0).Select(i => (_all.Users![i], _all.Items![i])));
        var draws = new NegativeDraws(_userIds.Count, popularity, spec.PopularityExponent, known);
        var random = new SeededRandom(spec.Seed, part);
        var source = new List<int>();
        var items = new List<int>();
        var labels = new List<float>();
        foreach (int i in rows)
        {
            Add(i, _all.Items![i], _all.Labels[i]);
            for (int n = 0; n < spec.PerPositive && _all.Labels[i] > 0; n++)
            {
                int item = draws.Draw(_all.Users![i], ref random);
                if (item < 0) { break; }
                Add(i, item, 0);
                NegativeCount++;
            }
        }

        Interactions columns = _all.Select([.. source]);
        return new Interactions
        {
            Users = columns.Users,
            Items = new NativeBlock<int>([.. items]),
            Contexts = columns.Contexts,
            Labels = new NativeBlock<float>([.. labels]),
            Times = columns.Times,
            Weights = columns.Weights,
        };

        void Add(int row, int item, float label)
        {
            source.Add(row);
            items.Add(item);
            labels.Add(label);
        }
    }
}
