using Facto.Data;
using Facto.Data.Building;
using Facto.Numerics;

namespace Facto.Import;

/// <summary>Turns rows of the log's source into <see cref="LogColumns"/>.</summary>
internal sealed class LogReader(InteractionSource source, SplitSpec split, IReadOnlyList<string> contextColumns)
{
    private static readonly string[] PartNames = ["train", "validation", "test"];

    private readonly string? _splitColumn = split.Kind == SplitKind.Column ? split.Column : null;
    private readonly char _mark = source.Decimal[0];
    private int _label = -1, _time = -1, _weight = -1, _part = -1;
    private SeededRandom _coin = new(split.Seed, 0x66696c65);

    public LogColumns Log { get; } = new(source.Time is not null, source.Weight is not null, contextColumns.Count > 0,
        split.Kind is SplitKind.Column or SplitKind.Files);

    /// <summary>The split of the file that is read now: 0 train, 1 validation, 2 test; of a training file without a validation file some
    /// rows validate by coin.</summary>
    public byte FileSplit { get; set; }

    /// <summary>Rows whose label lies between negativeUpTo and positiveFrom.</summary>
    public long Undecided { get; private set; }

    public List<string> Columns()
    {
        List<string> columns = [source.User, source.Item];
        _label = Add(source.Label);
        _time = Add(source.Time);
        _weight = Add(source.Weight);
        _part = Add(_splitColumn);
        columns.AddRange(contextColumns);
        return columns;

        int Add(string? column)
        {
            if (column is null) { return -1; }
            columns.Add(column);
            return columns.Count - 1;
        }
    }

    /// <summary>Takes one row; null, or why it is bad. A row of known ids costs no allocation.</summary>
    public string? Take(RowValues row)
    {
        // Ids are exactly as the file has them; of blanks alone is none.
        ReadOnlySpan<char> user = row[0], item = row[1];
        if (user.IsWhiteSpace()) { return $"{source.User} (the user id) is empty"; }
        if (item.IsWhiteSpace()) { return $"{source.Item} (the item id) is empty"; }
        float label = 1, weight = 1;
        LogTime time = default;
        if (_label >= 0 && !TryNumber(row[_label], out label))
        {
            return $"{source.Label} (the label) {Found(row.Text(_label))}, not a number";
        }

        bool weighs = _weight < 0 || (TryNumber(row[_weight], out weight) && weight > 0);
        if (!weighs) { return $"{source.Weight} (the weight) {Found(row.Text(_weight))}, not a number above 0"; }
        if (_time >= 0 && !LogTime.TryParse(row[_time], out time))
        {
            return $"{source.Time} (the time) {Found(row.Text(_time))}, neither a number nor a date";
        }

        int part = _part < 0 ? 0 : Array.IndexOf(PartNames, row.Text(_part)?.Trim().ToLowerInvariant());
        if (part < 0) { return $"{_splitColumn} (the split) {Found(row.Text(_part))}, not train, validation or test"; }
        if (split.Kind == SplitKind.Files)
        {
            part = FileSplit == 0 && split.ValidationPath is null && _coin.NextDouble() < split.Validation ? 1 : FileSplit;
        }

        if (source.WeightScale == WeightScale.Log && _weight >= 0) { weight = 1 + MathF.Log(1 + weight); }
        if (source.PositiveFrom is { } positive)
        {
            if (source.NegativeUpTo is { } negative && label > negative && label < positive)
            {
                Undecided++;
                return null;
            }

            label = label >= positive ? 1 : 0;
        }

        return Log.Add(new LogRow(Log.UserIds.NumberOf(user), Log.ItemIds.NumberOf(item), label)
        {
            Time = time,
            Weight = weight,
            Split = (byte)part,
            Context = contextColumns.Count == 0 ? 0 : Log.ContextTuples.NumberOf(ListText.Join(row.ToArray()[^contextColumns.Count..])),
        });
    }

    private static string Found(string? text) => string.IsNullOrWhiteSpace(text) ? "is empty"
        : $"is '{(text.Length > 60 ? text[..60] + "…" : text)}'";

    private bool TryNumber(ReadOnlySpan<char> text, out float number)
    {
        bool read = NumberText.TryParse(text, _mark, out double value);
        number = (float)value;
        return read && float.IsFinite(number);
    }
}
