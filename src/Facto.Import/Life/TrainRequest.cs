using Facto.Training;
using Facto.Training.Session;

namespace Facto.Import.Life;

/// <summary>What a training is asked to do, on a project, on one of its stages, or on flat files.</summary>
internal sealed record TrainRequest
{
    /// <summary>Laid over the project's options (of each stage).</summary>
    public Func<TrainOptions, TrainOptions> Options { get; init; } = static options => options;

    /// <summary>Path of a model to go on from, or null.</summary>
    public string? InitialModel { get; init; }

    /// <summary>
    /// Path of the checkpoint of the run that made <see cref="InitialModel"/>: its optimiser's sums go on too. Null starts them afresh.
    /// </summary>
    public string? InitialState { get; init; }

    /// <summary>
    /// Where to keep the state of the run; null keeps none. Stages that are learnt together have one each: FILE.recall, FILE.rank,
    /// FILE.prerank.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>Go on from <see cref="Checkpoint"/>.</summary>
    public bool Resume { get; init; }

    /// <summary>Share of train on which the number of epochs is chosen before all of it is learnt from; 0 chooses none.</summary>
    public double Holdout { get; init; }

    /// <summary>Where to write one prediction per test example, or null.</summary>
    public string? Predictions { get; init; }

    /// <summary>Where to write the model beside the bundle, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Judge on the test split too; without it 'evaluate' does.</summary>
    public bool Evaluate { get; init; }

    /// <summary>Name of the bundle; the time when null.</summary>
    public string? Version { get; init; }

    /// <summary>The stage to learn; null learns all.</summary>
    public string? Stage { get; init; }

    /// <summary>Makes sure that what will be written can be written, before anything is learnt.</summary>
    /// <exception cref="FactoException">A path is a folder, or its folder cannot be made or written to.</exception>
    public void CheckOutputs()
    {
        foreach (string path in ((string?[])[Predictions, Model, Checkpoint]).OfType<string>()) { OutputChecks.File(path); }
    }

    internal WarmStart? OpenWarmStart() => InitialModel is null ? null : WarmStart.Open(InitialModel, InitialState);

    internal CheckpointOptions? CheckpointOf(string? stage)
    {
        if (Checkpoint is null) { return null; }
        string path = stage is null ? Checkpoint : $"{Checkpoint}.{stage}";
        // Of several stages the later ones may not have begun when the run was stopped.
        return new CheckpointOptions(path, Resume && (stage is null or StageTraining.Recall || File.Exists(path)));
    }
}

/// <summary>What can be known before hours of learning of whether its results can be written.</summary>
internal static class OutputChecks
{
    /// <summary>Makes the file's folder and tries to write there.</summary>
    /// <exception cref="FactoException">It cannot be written.</exception>
    public static void File(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) { throw new FactoException($"{path}: this is a folder; name a file to write"); }
        Folder(Path.GetDirectoryName(full)!, path);
        if (System.IO.File.Exists(full) && (System.IO.File.GetAttributes(full) & FileAttributes.ReadOnly) != 0)
        {
            throw new FactoException($"{path}: this file is read-only; name another one");
        }
    }

    /// <summary>Makes a folder and tries to write in it.</summary>
    /// <exception cref="FactoException">It cannot be made or written to.</exception>
    public static void Folder(string folder, string path)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".facto-{Guid.NewGuid():N}.tmp");
            using FileStream written = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system's words, without the name of what was tried.
            string reason = e is UnauthorizedAccessException ? "access is denied" : e.Message.Split(" : '")[0].TrimEnd('.');
            throw new FactoException(
                $"{path}: it could not be written: {reason}; make room or allow writing there, or name another folder", e);
        }
    }
}
