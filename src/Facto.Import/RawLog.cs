using System.Globalization;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Import;

/// <summary>Strings ↔ numbers in the order of their first appearance.</summary>
internal sealed class IdTable
{
    private readonly Dictionary<string, int> _numbers = [];

    public List<string> Ids { get; } = [];

    public int NumberOf(string id)
    {
        if (_numbers.TryGetValue(id, out int number)) { return number; }
        _numbers.Add(id, number = Ids.Count);
        Ids.Add(id);
        return number;
    }
}

/// <summary>The log as columns of numbers; contexts are numbers of distinct tuples of context values.</summary>
internal sealed class RawLog
{
    public IdTable UserIds { get; } = new();

    public IdTable ItemIds { get; } = new();

    public IdTable ContextTuples { get; } = new();

    public List<int> Users { get; } = [];

    public List<int> Items { get; } = [];

    public List<int> Contexts { get; } = [];

    public List<float> Labels { get; } = [];

    public List<long> Times { get; } = [];

    public List<float> Weights { get; } = [];

    /// <summary>0 train, 1 validation, 2 test; empty unless the split is a column.</summary>
    public List<byte> Parts { get; } = [];

    public int Count => Users.Count;

    public const char TupleSeparator = '\u001f';
}

/// <summary>Turns rows of the log's source into a <see cref="RawLog"/>.</summary>
internal sealed class LogReader(InteractionSource source, string? partColumn, IReadOnlyList<string> contextColumns)
{
    private static readonly string[] PartNames = ["train", "validation", "test"];

    private int _label = -1, _time = -1, _weight = -1, _part = -1;

    public RawLog Log { get; } = new();

    /// <summary>Rows whose label lies between negativeUpTo and positiveFrom.</summary>
    public long Undecided { get; private set; }

    public List<string> Columns()
    {
        List<string> columns = [source.User, source.Item];
        _label = Add(source.Label);
        _time = Add(source.Time);
        _weight = Add(source.Weight);
        _part = Add(partColumn);
        columns.AddRange(contextColumns);
        return columns;

        int Add(string? column)
        {
            if (column is null) { return -1; }
            columns.Add(column);
            return columns.Count - 1;
        }
    }

    /// <summary>Takes one row; null, or why it is bad.</summary>
    public string? Take(string?[] row)
    {
        string user = (row[0] ?? string.Empty).Trim(), item = (row[1] ?? string.Empty).Trim();
        if (user.Length == 0) { return $"{source.User} (the user id) is empty"; }
        if (item.Length == 0) { return $"{source.Item} (the item id) is empty"; }
        float label = 1, weight = 1;
        long time = 0;
        if (_label >= 0 && !TryNumber(row[_label], out label)) { return $"{source.Label} (the label) {Found(row[_label])}, not a number"; }
        if (_weight >= 0 && (!TryNumber(row[_weight], out weight) || weight <= 0)) { return $"{source.Weight} (the weight) {Found(row[_weight])}, not a number above 0"; }
        if (_time >= 0 && !TimeText.TryParse(row[_time], out time)) { return $"{source.Time} (the time) {Found(row[_time])}, neither a number nor a date"; }
        int part = _part < 0 ? 0 : Array.IndexOf(PartNames, row[_part]?.Trim().ToLowerInvariant());
        if (part < 0) { return $"{partColumn} (the part) {Found(row[_part])}, not train, validation or test"; }
        if (source.PositiveFrom is { } positive)
        {
            if (source.NegativeUpTo is { } negative && label > negative && label < positive)
            {
                Undecided++;
                return null;
            }

            label = label >= positive ? 1 : 0;
        }

        Log.Users.Add(Log.UserIds.NumberOf(user));
        Log.Items.Add(Log.ItemIds.NumberOf(item));
        Log.Labels.Add(label);
        if (_time >= 0) { Log.Times.Add(time); }
        if (_weight >= 0) { Log.Weights.Add(weight); }
        if (_part >= 0) { Log.Parts.Add((byte)part); }
        if (contextColumns.Count > 0) { Log.Contexts.Add(Log.ContextTuples.NumberOf(string.Join(RawLog.TupleSeparator, row[^contextColumns.Count..]))); }
        return null;
    }

    private static string Found(string? text) => string.IsNullOrWhiteSpace(text) ? "is empty" : $"is '{text}'";

    private static bool TryNumber(string? text, out float number) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && float.IsFinite(number);
}

/// <summary>What happens to users and items that meet more than once.</summary>
internal static class Repeats
{
    /// <summary>The rows that stay, in the log's order; sums are written into the labels of those.</summary>
    public static int[] Resolve(RawLog log, RepeatedPairs rule)
    {
        if (rule == RepeatedPairs.KeepAll) { return [.. Enumerable.Range(0, log.Count)]; }
        var last = new Dictionary<long, int>(log.Count);
        for (int i = 0; i < log.Count; i++)
        {
            long pair = ((long)log.Users[i] << 32) | (uint)log.Items[i];
            if (!last.TryGetValue(pair, out int before))
            {
                last.Add(pair, i);
                continue;
            }

            if (rule == RepeatedPairs.Error)
            {
                throw new FactoException($"user '{log.UserIds.Ids[log.Users[i]]}' and item '{log.ItemIds.Ids[log.Items[i]]}' meet more than once: set interactions.repeated to keepLast, sum or keepAll");
            }

            bool newer = log.Times.Count == 0 || log.Times[i] >= log.Times[before];
            int stays = newer ? i : before;
            if (rule == RepeatedPairs.Sum) { log.Labels[stays] = log.Labels[i] + log.Labels[before]; }
            last[pair] = stays;
        }

        int[] rows = [.. last.Values];
        Array.Sort(rows);
        return rows;
    }

    public static Interactions Columns(RawLog log, int[] rows) => new()
    {
        Users = Gather(log.Users, rows),
        Items = Gather(log.Items, rows),
        Contexts = log.Contexts.Count > 0 ? Gather(log.Contexts, rows) : null,
        Labels = Gather(log.Labels, rows),
        Times = log.Times.Count > 0 ? Gather(log.Times, rows) : null,
        Weights = log.Weights.Count > 0 ? Gather(log.Weights, rows) : null,
    };

    private static NativeBlock<T> Gather<T>(List<T> column, int[] rows)
        where T : unmanaged
    {
        var result = new NativeBlock<T>((long)rows.Length);
        for (int i = 0; i < rows.Length; i++) { result[i] = column[rows[i]]; }
        return result;
    }
}
