namespace Facto.Data.Building;

/// <summary>What a log of objects consists of, and the one pass over its rows.</summary>
internal sealed class LogSource<T>(KeyColumn<T> user, KeyColumn<T> item)
{
    private readonly TextBuffer _tuple = new();
    private readonly TextBuffer _value = new();

    public Func<T, float>? Label { get; set; }

    public Func<T, float>? Weight { get; set; }

    public Func<T, LogTime>? Time { get; set; }

    public IReadOnlyList<FieldColumn<T>> Contexts { get; set; } = [];

    /// <summary>The same source for another reading: what is remembered of rows belongs to one.</summary>
    public LogSource<T> Fresh() =>
        new(user.Fresh(), item.Fresh()) { Label = Label, Weight = Weight, Time = Time, Contexts = Contexts };

    public LogColumns NewColumns() => new(Time is not null, Weight is not null, Contexts.Count > 0, hasSplits: false);

    /// <summary>Takes one row; a bad one is counted, or refused when nothing is tolerated.</summary>
    public void Take(T row, long number, LogColumns columns, RowRefusals refusals)
    {
        if (row is null)
        {
            refusals.Add(number, "the row is null", null);
            return;
        }

        float label = Label?.Invoke(row) ?? 1, weight = Weight?.Invoke(row) ?? 1;
        LogTime time = Time?.Invoke(row) ?? default;
        if (!float.IsFinite(label)) { refusals.Add(number, "the label is not a finite number", label); }
        else if (!(weight > 0 && float.IsFinite(weight))) { refusals.Add(number, "the weight is not a number above 0", weight); }
        else { Add(row, number, new LogRow(0, 0, label) { Time = time, Weight = weight }, columns, refusals); }
    }

    // Ids get their numbers last, so that a bad row leaves none behind.
    private void Add(T row, long number, LogRow values, LogColumns columns, RowRefusals refusals)
    {
        if (!user.Read(row)) { refusals.Add(number, "the user id is null or empty", null); }
        else if (!item.Read(row)) { refusals.Add(number, "the item id is null or empty", null); }
        else
        {
            LogRow whole = values with
            {
                User = user.NumberIn(columns.UserIds),
                Item = item.NumberIn(columns.ItemIds),
                Context = Context(row, columns),
            };
            if (columns.Add(whole) is { } wrong) { refusals.Add(number, wrong, null); }
        }
    }

    private int Context(T row, LogColumns columns)
    {
        if (Contexts.Count == 0) { return 0; }
        _tuple.Clear();
        // No foreach: the enumerator of a list behind an interface would be allocated for every row.
        for (int c = 0; c < Contexts.Count; c++)
        {
            // As ListText.Join writes it.
            _value.Clear();
            Contexts[c].Append(row, _value);
            _tuple.AppendValue(_value.Text.Length);
            _tuple.Append(':');
            _tuple.Append(_value.Text);
        }

        return columns.ContextTuples.NumberOf(_tuple.Text);
    }
}
