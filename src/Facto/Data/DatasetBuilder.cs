using System.Numerics;
using Facto.Data;
using Facto.Data.Building;

namespace Facto;

/// <summary>
/// Describes a dataset of objects and builds it in one pass over them: numbered ids and columns in native memory, 12 bytes an interaction,
/// 8 more with times, 4 with weights and 4 with contexts; while repeated pairs are looked for, 4 more. The same rows give the same bytes as
/// <c>facto import</c>.
/// </summary>
/// <typeparam name="T">An interaction: a purchase, a rating, a click.</typeparam>
public sealed class DatasetBuilder<T>
{
    private const int ProgressEvery = 1 << 16;

    private readonly IEnumerable<T>? _rows;
    private readonly IAsyncEnumerable<T>? _asyncRows;
    private readonly LogSource<T> _log;
    private readonly SideSource _users = new(FieldSide.User), _items = new(FieldSide.Item);
    private RepeatedPairs _repeated = RepeatedPairs.KeepLast;
    private NegativeSpec? _negatives;
    private double _tolerance;
    private bool _hasLabel;

    internal DatasetBuilder(IEnumerable<T>? rows, IAsyncEnumerable<T>? asyncRows, KeyColumn<T> user, KeyColumn<T> item)
    {
        if (rows is null && asyncRows is null) { throw new ArgumentNullException(nameof(rows)); }
        (_rows, _asyncRows) = (rows, asyncRows);
        _log = new LogSource<T>(user, item);
    }

    /// <summary>What is predicted: a rating, or 0 and 1. Without labels every interaction is a positive (label 1).</summary>
    public DatasetBuilder<T> Label<TNumber>(Func<T, TNumber> label)
        where TNumber : INumberBase<TNumber>
    {
        ArgumentNullException.ThrowIfNull(label);
        return SetLabel(row => float.CreateSaturating(label(row)));
    }

    /// <summary>Whether it is a positive (1) or a negative (0): a click, a rating of at least 4.</summary>
    public DatasetBuilder<T> Label(Func<T, bool> isPositive)
    {
        ArgumentNullException.ThrowIfNull(isPositive);
        return SetLabel(row => isPositive(row) ? 1 : 0);
    }

    /// <summary>
    /// When it happened: decides which interaction is the last. Kept to the microsecond; without a zone it counts as UTC.
    /// </summary>
    public DatasetBuilder<T> Time(Func<T, DateTime> time) => SetTime(time, LogTime.Of);

    /// <inheritdoc cref="Time(Func{T, DateTime})"/>
    public DatasetBuilder<T> Time(Func<T, DateTimeOffset> time) => SetTime(time, LogTime.Of);

    /// <summary>When it happened, as a number in any unit, such as seconds since 1970.</summary>
    public DatasetBuilder<T> Time(Func<T, long> time) => SetTime(time, whole => new LogTime(whole, 0));

    /// <summary>How much an interaction counts, above 0; 1 when not given.</summary>
    public DatasetBuilder<T> Weight<TNumber>(Func<T, TNumber> weight)
        where TNumber : INumberBase<TNumber>
    {
        ArgumentNullException.ThrowIfNull(weight);
        _log.Weight = row => float.CreateSaturating(weight(row));
        return this;
    }

    /// <summary>Fields of the interaction itself that are known when recommendations are asked for: hour, device, place.</summary>
    public DatasetBuilder<T> Context(Action<FieldsBuilder<T>> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var builder = new FieldsBuilder<T>(FieldSide.Context);
        fields(builder);
        _log.Contexts = builder.Columns;
        return this;
    }

    /// <summary>
    /// What is known of users. Users without interactions are taken too; where an id comes again, each field's most frequent value counts.
    /// </summary>
    /// <param name="users">The users.</param>
    /// <param name="id">The id, as in the interactions.</param>
    /// <param name="fields">Names the fields.</param>
    public DatasetBuilder<T> Users<TUser, TKey>(IEnumerable<TUser> users, Func<TUser, TKey> id, Action<FieldsBuilder<TUser>> fields) =>
        Describe(_users, FieldSide.User, users, id, fields);

    /// <summary>
    /// What is known of items. Items without interactions are taken too; where an id comes again, each field's most frequent value counts.
    /// </summary>
    /// <param name="items">The items.</param>
    /// <param name="id">The id, as in the interactions.</param>
    /// <param name="fields">Names the fields.</param>
    public DatasetBuilder<T> Items<TItem, TKey>(IEnumerable<TItem> items, Func<TItem, TKey> id, Action<FieldsBuilder<TItem>> fields) =>
        Describe(_items, FieldSide.Item, items, id, fields);

    /// <summary>
    /// Makes what a user had in training a field of the user, so that somebody new is described by a history (docs/history.md).
    /// </summary>
    /// <param name="name">The field's name.</param>
    /// <param name="pooling">How m items weigh: 1 each, 1/m or 1/√m.</param>
    /// <param name="recent">The most recent so many, 0 for all.</param>
    /// <param name="tied">Use the items' own vectors instead of vectors of their own.</param>
    public DatasetBuilder<T> History(string name = "history", Pooling pooling = Pooling.Sqrt, int recent = 0, bool tied = false)
    {
        if (recent < 0) { throw new FactoException($"history '{name}' takes the {recent} most recent items: it must be 0 (all) or more"); }
        _users.Bag = new FieldSpec { Name = name, Kind = FieldKind.Bag, Pooling = pooling, Recent = recent, Tied = tied };
        return this;
    }

    /// <summary>Ids with fewer training interactions get no feature of their own.</summary>
    /// <param name="users">≥ 1.</param>
    /// <param name="items">≥ 1.</param>
    public DatasetBuilder<T> MinCount(int users = 1, int items = 1)
    {
        (_users.IdMinCount, _items.IdMinCount) = (users, items);
        return this;
    }

    /// <summary>What happens when one user and item meet more than once; the last one stays when nothing is said.</summary>
    public DatasetBuilder<T> Repeated(RepeatedPairs rule)
    {
        if (!Enum.IsDefined(rule))
        {
            throw new FactoException(
                $"{rule} is no rule for repeated pairs: use one of {string.Join(", ", Enum.GetNames<RepeatedPairs>())}");
        }
        _repeated = rule;
        return this;
    }

    /// <summary>Draws items that the user did not choose, with label 0, beside every positive.</summary>
    /// <param name="perPositive">1 to 1000.</param>
    /// <param name="popularityExponent">β: items are drawn with probability ∝ popularity^β; 0 is uniform, at most 4.</param>
    /// <param name="seed">Start of the random draws.</param>
    public DatasetBuilder<T> Negatives(int perPositive = 4, double popularityExponent = 0, ulong seed = 1)
    {
        if (perPositive is < 1 or > 1000)
        {
            throw new FactoException($"negatives per positive are {perPositive}: it must lie between 1 and 1000");
        }
        _negatives = new NegativeSpec { PerPositive = perPositive, PopularityExponent = popularityExponent, Seed = seed };
        return this;
    }

    /// <summary>Counts bad rows (no id, a label that is not finite, a weight that is not above 0) instead of refusing the first.</summary>
    /// <param name="tolerance">Share of the rows that may be bad, 0 to 1.</param>
    public DatasetBuilder<T> BadRows(double tolerance)
    {
        if (tolerance is not (>= 0 and <= 1))
        {
            throw new FactoException($"the tolerance for bad rows is {tolerance}: it is a share and must lie between 0 and 1");
        }
        _tolerance = tolerance;
        return this;
    }

    /// <summary>Reads the rows and makes the dataset, everything for training; <see cref="Dataset.Split"/> holds some out.</summary>
    /// <param name="progress">Told the number of rows read now and then.</param>
    /// <param name="cancellationToken">Checked between rows.</param>
    /// <exception cref="FactoException">A row is bad, or more than are tolerated; the message names row and value.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Dataset Build(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_rows is null) { throw new FactoException("the rows come asynchronously: call BuildAsync"); }
        LogSource<T> log = _log.Fresh();
        using LogColumns columns = log.NewColumns();
        if (_rows.TryGetNonEnumeratedCount(out int known)) { columns.Reserve(known); }
        var refusals = new RowRefusals(_tolerance);
        long count = 0;
        foreach (T row in _rows) { Take(log, row, count++, columns, refusals, progress, cancellationToken); }
        return Assemble(columns, refusals, count, progress, cancellationToken);
    }

    /// <inheritdoc cref="Build(IProgress{long}?, CancellationToken)"/>
    public async Task<Dataset> BuildAsync(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_asyncRows is null)
        {
            return await Task.Run(() => Build(progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        LogSource<T> log = _log.Fresh();
        using LogColumns columns = log.NewColumns();
        var refusals = new RowRefusals(_tolerance);
        long count = 0;
        await foreach (T row in _asyncRows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Take(log, row, count++, columns, refusals, progress, cancellationToken);
        }

        return Assemble(columns, refusals, count, progress, cancellationToken);
    }

    private static void Take(
        LogSource<T> log, T row, long number, LogColumns columns, RowRefusals refusals, IProgress<long>? progress,
            CancellationToken cancellation)
    {
        if (number % 1024 == 0) { cancellation.ThrowIfCancellationRequested(); }
        if (number > 0 && number % ProgressEvery == 0) { progress?.Report(number); }
        log.Take(row, number, columns, refusals);
    }

    private Dataset Assemble(LogColumns columns, RowRefusals refusals, long rows, IProgress<long>? progress, CancellationToken cancellation)
    {
        refusals.Check(rows);
        progress?.Report(rows);
        if (columns.Count == 0)
        {
            throw new FactoException($"there is no interaction to learn from: {rows} rows were read, {refusals.Count} of them bad");
        }
        (EntityTable? users, RowRefusals? badUsers) = _users.Read(_tolerance, cancellation);
        (EntityTable? items, RowRefusals? badItems) = _items.Read(_tolerance, cancellation);
        RowRefusals[] bad = [.. new[] { refusals, badUsers, badItems }.OfType<RowRefusals>()];
        FieldValues[] fields =
        [
            .. _users.Bind(users), .. _items.Bind(items), .. _log.Contexts.Select((c, i) => FieldValues.OfContext(c.Spec, i, c.IsList)),
        ];
        if (fields.GroupBy(f => f.Spec.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new FactoException($"field '{twice.Key}' occurs twice: names must differ ('user' and 'item' are the ids)");
        }

        var assembler =
            new DatasetAssembler(new AssemblyPlan(fields, _repeated, _negatives, _hasLabel), columns, users, items, _items.Title(items));
        if (_negatives is not null && _hasLabel) { CheckLabels(assembler.All); }
        Dataset data = assembler.Build(new SplitSpec { Kind = SplitKind.None }, cancellation)["train"];
        data.Report = new DatasetReport
        {
            Rows = rows,
            BadRows = bad.Sum(r => r.Count),
            BadReasons = bad.SelectMany(r => r.Reasons).GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Sum(r => r.Value)),
            FirstBadRows = [.. bad.SelectMany(r => r.First)],
            Repeated = assembler.RepeatedCount,
            Negatives = assembler.NegativeCount,
        };
        return data;
    }

    private static void CheckLabels(Interactions all)
    {
        int odd = all.Labels.Span.IndexOfAnyExcept(0, 1);
        if (odd >= 0)
        {
            throw new FactoException(
                $"negatives are drawn for positives, and a label is {all.Labels[odd]}: make labels true or false, or leave Label out");
        }
    }

    private DatasetBuilder<T> SetLabel(Func<T, float> label)
    {
        (_log.Label, _hasLabel) = (label, true);
        return this;
    }

    private DatasetBuilder<T> SetTime<TTime>(Func<T, TTime> time, Func<TTime, LogTime> of)
    {
        ArgumentNullException.ThrowIfNull(time);
        _log.Time = row => of(time(row));
        return this;
    }

    private DatasetBuilder<T> Describe<TRow, TKey>(
        SideSource target, FieldSide side, IEnumerable<TRow> rows, Func<TRow, TKey> id, Action<FieldsBuilder<TRow>> fields)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fields);
        var builder = new FieldsBuilder<TRow>(side);
        fields(builder);
        ArgumentNullException.ThrowIfNull(id);
        target.Describe(rows, new KeyColumn<TRow, TKey>(id), builder);
        return this;
    }
}
