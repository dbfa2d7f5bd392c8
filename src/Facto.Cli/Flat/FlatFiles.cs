using Facto.Cli.Output;
using Facto.Data;
using Facto.Data.Text;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Cli.Flat;

/// <summary>The parts of a run over flat files, in memory; a part without files is null.</summary>
internal sealed record FlatParts(Dataset Train, Dataset? Validation, Dataset? Test)
{
    public static FlatParts Read(FlatJob job, LearningTask task, Report report, CancellationToken cancellation)
    {
        if (task == LearningTask.Ranking && HoldsLists(job.Train[0])) { return ReadLists(job); }
        var reading = new SparseTextOptions
        {
            GroupsPath = job.Groups,
            BinaryLabels = task == LearningTask.Binary,
            MaxBadLines = job.MaxBadLines,
        };
        SparseTextData data = SparseTextReader.Read([job.Train, job.Validation, job.Test], reading, cancellation);
        foreach (string line in data.Statement) { report.Note(line); }
        if (data.BadLineCount > 0) { report.Note($"{data.BadLineCount} bad lines were left out: {string.Join("; ", data.FirstBadLines)}"); }
        IReadOnlyList<Dataset> parts = job.Sides is null ? data.Parts : TwoSided.FromFlat(data.Parts, job.Sides);
        return new FlatParts(parts[0], job.Validation.Count > 0 ? parts[1] : null, job.Test.Count > 0 ? parts[2] : null);
    }

    // "user item item …": numbers or names with no value behind them.
    private static bool HoldsLists(string path) => File.Exists(path) && File.ReadLines(path).FirstOrDefault(line => line.Length > 0) is { } line && !line.Contains(':', StringComparison.Ordinal);

    private static FlatParts ReadLists(FlatJob job)
    {
        IReadOnlyList<string>[] given = [.. ((IReadOnlyList<string>[])[job.Train, job.Validation, job.Test]).Where(p => p.Count > 0)];
        if (given.Any(p => p.Count > 1)) { throw new UsageException("lists of items are read from one file a part: give --train, --validation and --test one file each"); }
        if (job.Groups is not null || job.Sides is not null) { throw new UsageException($"{job.Train[0]} holds lists 'user item item …', whose fields and sides are known: leave out --groups and --sides"); }
        var parts = new Queue<Dataset>(UserItemListReader.Read([.. given.Select(p => p[0])]));
        return new FlatParts(parts.Dequeue(), job.Validation.Count > 0 ? parts.Dequeue() : null, job.Test.Count > 0 ? parts.Dequeue() : null);
    }

    /// <summary>A random share of the training examples as the validation part.</summary>
    public FlatParts HoldOut(double share, ulong seed)
    {
        int[] rows = [.. Enumerable.Range(0, Train.Count)];
        var random = new SeededRandom(seed, stream: 0x686f6c64);
        random.Shuffle(rows.AsSpan());
        int held = (int)(share * rows.Length);
        return this with { Train = Train.Select(rows.AsSpan(held)), Validation = Train.Select(rows.AsSpan(0, held)) };
    }
}
