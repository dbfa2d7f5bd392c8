using Facto.Data;
using Facto.Data.Text;
using Facto.Models;

namespace Facto.Import.Life;

/// <summary>The splits of a run over flat files, in memory; a split without files is null.</summary>
internal sealed record FlatSplits(Dataset Train, Dataset? Validation, Dataset? Test)
{
    /// <summary>All three by name.</summary>
    public IReadOnlyList<(string Name, Dataset? Data)> Named => [("train", Train), ("validation", Validation), ("test", Test)];

    /// <summary>Reads them.</summary>
    /// <param name="job">The files.</param>
    /// <param name="task">Lists are read only for a ranking; binary labels become 0 and 1.</param>
    /// <param name="grow">The fields of a model that shall go on learning; null when none does.</param>
    /// <param name="progress">Told of lines that were left out.</param>
    /// <param name="cancellation">Stops between two pieces of a file.</param>
    public static FlatSplits Read(
        FlatJob job, LearningTask task, FeatureSchema? grow, IProgress<LifeEvent>? progress, CancellationToken cancellation)
    {
        if (task == LearningTask.Ranking && HoldsLists(job.Train[0])) { return ReadLists(job); }
        var reading = new SparseTextOptions
        {
            GroupsPath = job.Groups,
            ZeroBased = job.ZeroBased,
            Grow = grow,
            BinaryLabels = task == LearningTask.Binary,
            PositiveFrom = job.PositiveFrom,
            MaxBadLines = job.MaxBadLines,
        };
        Compression.Enable();
        SparseTextData data = SparseTextReader.Read([job.Train, job.Validation, job.Test], reading, cancellation);
        foreach (string line in data.Statement) { progress.Note(line); }
        if (data.BadLineCount > 0)
        {
            progress.Note($"{data.BadLineCount} bad lines were left out: {string.Join("; ", data.FirstBadLines)}");
        }

        IReadOnlyList<Dataset> splits = job.Sides is null ? data.Parts : TwoSided.FromFlat(data.Parts, job.Sides);
        return new FlatSplits(splits[0], job.Validation.Count > 0 ? splits[1] : null, job.Test.Count > 0 ? splits[2] : null);
    }

    // "user item item …": numbers or names with no value behind them.
    private static bool HoldsLists(string path) =>
        File.Exists(path) && File.ReadLines(path).FirstOrDefault(line => line.Length > 0) is { } line
            && !line.Contains(':', StringComparison.Ordinal);

    private static FlatSplits ReadLists(FlatJob job)
    {
        IReadOnlyList<string>[] given = [.. ((IReadOnlyList<string>[])[job.Train, job.Validation, job.Test]).Where(p => p.Count > 0)];
        if (given.Any(p => p.Count > 1))
        {
            throw new OptionException("lists of items are read from one file a split: give --train, --validation and --test one file each");
        }

        if (job.Groups is not null || job.Sides is not null)
        {
            throw new OptionException($"{job.Train[0]} holds lists 'user item item …', whose fields and sides are known: leave out "
                + "--groups and --sides");
        }

        var parts = new Queue<Dataset>(UserItemListReader.Read([.. given.Select(p => p[0])]));
        return new FlatSplits(
            parts.Dequeue(), job.Validation.Count > 0 ? parts.Dequeue() : null, job.Test.Count > 0 ? parts.Dequeue() : null);
    }
}
