using System.Text.Json.Serialization;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>Which examples are kept for validation and test.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitKind>))]
internal enum SplitKind
{
    /// <summary>Every example by a coin.</summary>
    Random,

    /// <summary>The last examples of every user (by time, by their order in the log where times are equal or missing).</summary>
    LeaveLast,

    /// <summary>Everything from a moment on; examples of the same time stay together.</summary>
    Time,

    /// <summary>All examples of some users.</summary>
    Users,

    /// <summary>Everything is for training.</summary>
    None,

    /// <summary>As a column of the log says: train, validation or test.</summary>
    Column,

    /// <summary>
    /// As the files say: the log's own file trains, <see cref="SplitSpec.ValidationPath"/> and <see cref="SplitSpec.TestPath"/> are held
    /// out.
    /// </summary>
    Files,
}

/// <summary>How to split; the same specification and examples give the same parts.</summary>
internal sealed record SplitSpec
{
    /// <summary>The rule.</summary>
    public SplitKind Kind { get; init; } = SplitKind.Random;

    /// <summary>Share of examples (random, time) or users (users) for validation, 0 to 1.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>Share of examples (random, time) or users (users) for test, 0 to 1.</summary>
    public double Test { get; init; } = 0.1;

    /// <summary>
    /// users: this share of each held-out user's examples, the oldest, is known as history when recommending to them (bags), and is not
    /// judged. 0 to 1.
    /// </summary>
    public double History { get; init; }

    /// <summary>
    /// leaveLast: so many of each user's last examples are the test part, and as many before them the validation part. ≥ 1.
    /// </summary>
    public int Last { get; init; } = 1;

    /// <summary>leaveLast: whether there is a validation part.</summary>
    public bool ValidationPart { get; init; } = true;

    /// <summary>column: the log's column that says train, validation or test.</summary>
    public string Column { get; init; } = "part";

    /// <summary>
    /// files: the file of the validation examples, laid out like the log; without one the share <see cref="Validation"/> of the log's rows
    /// validates, by coin.
    /// </summary>
    public string? ValidationPath { get; init; }

    /// <summary>files: the file of the test examples, laid out like the log.</summary>
    public string? TestPath { get; init; }

    /// <summary>Start of the random draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="FactoException">One is out of range.</exception>
    public void Validate()
    {
        if (!(Validation is >= 0 and < 1 && Test is >= 0 and < 1 && Validation + Test < 1))
        {
            throw new FactoException(
                $"split.validation {Validation} and split.test {Test} must be shares from 0 whose sum is below 1, so that something is "
                    + $"left for training");
        }

        if (History is not (>= 0 and < 1))
        {
            throw new FactoException($"split.history is {History}: it is a share and must be at least 0 and below 1");
        }
        if (History > 0 && Kind != SplitKind.Users)
        {
            throw new FactoException($"split.history goes with split.kind users: with {Kind} every user is trained on");
        }
        if (Kind == SplitKind.Files && ValidationPath is null && TestPath is null)
        {
            throw new FactoException("split.kind files needs split.testPath or split.validationPath, or both");
        }
        if (Kind != SplitKind.Files && (ValidationPath ?? TestPath) is not null)
        {
            throw new FactoException(
                $"split.validationPath and split.testPath go with split.kind files: with {Kind} they would not be read");
        }
        if (Last < 1) { throw new FactoException($"split.last is {Last}: it must be 1 or more"); }
    }
}

/// <summary>Row numbers of the parts, each ascending; every example is in exactly one.</summary>
internal sealed record DatasetSplit(int[] Train, int[] Validation, int[] Test)
{
    private const byte HistoryPart = 3;

    /// <summary>Examples of held-out users that are known but not learnt from; ascending.</summary>
    public int[] History { get; init; } = [];

    /// <summary>Splits examples.</summary>
    /// <param name="spec">The rule.</param>
    /// <param name="users">User of each example, 0-based; needed by leaveLast and users.</param>
    /// <param name="times">Time of each example, or null.</param>
    /// <param name="count">Number of examples.</param>
    /// <exception cref="FactoException">A value is out of range, or the rule needs a column that is not there.</exception>
    public static DatasetSplit Make(SplitSpec spec, int count, NativeBlock<int>? users, NativeBlock<long>? times)
    {
        spec.Validate();
        byte[] part = spec.Kind switch
        {
            SplitKind.Random => ByCoin(spec, count),
            SplitKind.LeaveLast =>
                ByLast(spec, users
                    ?? throw new FactoException("split.kind leaveLast needs users: a flat file has none, use random"), times),
            SplitKind.Time =>
                ByTime(spec, times
                    ?? throw new FactoException("split.kind time needs times: name the time column, or use random or leaveLast")),
            SplitKind.Users =>
                ByUser(spec, users ?? throw new FactoException("split.kind users needs users: a flat file has none, use random"), times),
            SplitKind.None => new byte[count],
            SplitKind.Files => throw new FactoException("split.kind files needs a project's files: use random"),
            SplitKind.Column =>
                throw new FactoException("split.kind column needs a log with that column: a flat file has none, use random"),
            _ => throw new FactoException($"split.kind {spec.Kind} is not known"),
        };
        return Of(part);
    }

    /// <summary>The split of examples whose part (0 train, 1 validation, 2 test, 3 history) is known.</summary>
    public static DatasetSplit Of(byte[] part)
    {
        return new DatasetSplit(Rows(0), Rows(1), Rows(2)) { History = Rows(HistoryPart) };

        int[] Rows(byte which)
        {
            int[] rows = new int[part.AsSpan().Count(which)];
            for (int i = 0, next = 0; next < rows.Length; i++)
            {
                if (part[i] == which) { rows[next++] = i; }
            }

            return rows;
        }
    }

    private static byte[] ByCoin(SplitSpec spec, int count)
    {
        var random = new SeededRandom(spec.Seed, 0x5011D);
        var part = new byte[count];
        for (int i = 0; i < count; i++) { part[i] = Draw(spec, random.NextDouble()); }
        return part;
    }

    private static byte[] ByUser(SplitSpec spec, NativeBlock<int> users, NativeBlock<long>? times)
    {
        var part = new byte[users.Length];
        // Each user's coin depends on the seed and the user alone, not on the order of the log.
        for (int i = 0; i < part.Length; i++) { part[i] = Draw(spec, new SeededRandom(spec.Seed, (ulong)users[i]).NextDouble()); }
        if (spec.History == 0) { return part; }
        // A held-out user keeps at least one example to be judged by.
        foreach (IGrouping<int, int> user in Enumerable.Range(0, part.Length).Where(i => part[i] > 0).GroupBy(i => users[i]))
        {
            int[] inOrder = [.. user.OrderBy(i => times?[i] ?? 0).ThenBy(i => i)];
            foreach (int i in inOrder.AsSpan(0, Math.Min(inOrder.Length - 1, (int)Math.Round(spec.History * inOrder.Length))))
            {
                part[i] = HistoryPart;
            }
        }

        return part;
    }

    private static byte Draw(SplitSpec spec, double coin) => coin < spec.Test
        ? (byte)2
        : coin < spec.Test + spec.Validation ? (byte)1 : (byte)0;

    private static byte[] ByTime(SplitSpec spec, NativeBlock<long> times)
    {
        var part = new byte[times.Length];
        if (part.Length == 0) { return part; }
        long[] sorted = times.Span.ToArray();
        Array.Sort(sorted);
        long From(double share) => share <= 0
            ? long.MaxValue
            : sorted[Math.Min(sorted.Length - 1, (int)Math.Round(sorted.Length * (1 - share)))];
        long test = From(spec.Test), validation = spec.Validation <= 0 ? test : From(spec.Test + spec.Validation);
        for (int i = 0; i < part.Length; i++)
        {
            long time = times[i];
            part[i] = spec.Test > 0 && time >= test ? (byte)2 : spec.Validation > 0 && time >= validation ? (byte)1 : (byte)0;
        }

        return part;
    }

    // A user who would have nothing left to learn from stays in training with everything.
    private static byte[] ByLast(SplitSpec spec, NativeBlock<int> users, NativeBlock<long>? times)
    {
        var part = new byte[users.Length];
        int[] rows = [.. Enumerable.Range(0, part.Length)];
        (int, long, int)[] keys = [.. rows.Select(i => (users[i], times?[i] ?? 0, i))];
        Array.Sort(keys, rows);
        long held = spec.ValidationPart ? 2L * spec.Last : spec.Last;
        for (int start = 0, end; start < rows.Length; start = end)
        {
            end = start + 1;
            while (end < rows.Length && users[rows[end]] == users[rows[start]]) { end++; }
            if (end - start <= held) { continue; }
            for (int i = end - (int)held; i < end; i++) { part[rows[i]] = i >= end - spec.Last ? (byte)2 : (byte)1; }
        }

        return part;
    }
}
