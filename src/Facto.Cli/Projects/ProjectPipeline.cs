using System.Globalization;
using System.Text.Json;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Evaluation;
using Facto.Import;
using Facto.Models;
using Facto.Models.Family;
using Facto.Retrieval;
using Facto.Retrieval.Ivf;
using Facto.Serving;
using Facto.Training;

namespace Facto.Cli.Projects;

/// <summary>The life of a project's recommendations, step by step: import, train, evaluate, bundle. Every verb and the demo go through here.</summary>
internal sealed class ProjectPipeline(ProjectFile project, Report report)
{
    /// <summary>Folder of the project's bundles.</summary>
    public string BundlesFolder => Path.Combine(project.OutputFolder, "bundles");

    public VectorRecipe Recipe => Enum.TryParse(project.Retrieval.Recipe, ignoreCase: true, out VectorRecipe recipe)
        ? recipe
        : throw new FactoException($"retrieval.recipe is '{project.Retrieval.Recipe}'; it must be match, naive or pooled");

    public ImportReport Import(CancellationToken cancellation)
    {
        ImportReport result = report.Progress("import", step => ProjectImporter.Run(project, new ActionProgress<ImportProgress>(p => step(0.5, $"{p.Step} {Report.Count(p.Rows)} rows")), cancellation));
        return result;
    }

    /// <summary>The imported dataset; imports first when there is none.</summary>
    public DatasetFile OpenDataset(CancellationToken cancellation)
    {
        if (!File.Exists(project.DatasetPath))
        {
            report.Note($"{project.DatasetPath} is not there yet: importing");
            Import(cancellation);
        }

        return DatasetFile.Open(project.DatasetPath);
    }

    public static TrainResult Train(DatasetFile data, TrainOptions options, (ISeparableModel Model, OptimizerState? State)? warm, CheckpointOptions? checkpoints, Report report, CancellationToken cancellation)
    {
        Dataset? validation = data.Parts.GetValueOrDefault("validation"), test = data.Parts.GetValueOrDefault("test");
        var job = new TrainingJob(data["train"], options, validation is { Count: > 0 } ? validation : null, warm?.Model as FmModel)
        {
            Test = test is { Count: > 0 } ? test : null,
            WarmState = warm?.State,
            WarmFamily = warm?.Model as FamilyModel,
        };
        return Trainer.Train(job, new TrainingProgress(report), TimeProvider.System, checkpoints, cancellation);
    }

    /// <summary>Writes the bundle of a model and makes it the current one.</summary>
    public Bundle WriteBundle(ISeparableModel model, DatasetFile data, string? version, IReadOnlyDictionary<string, RankingReport>? metrics, int threads, StagePlan? stages = null, CancellationToken cancellation = default)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var manifest = new BundleManifest
        {
            Version = version ?? now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture),
            Recipe = Recipe,
            DataFingerprint = data.Fingerprint,
            Created = now,
            Metrics = metrics?.ToDictionary(m => m.Key, m => (IReadOnlyDictionary<string, double>)m.Value.Metrics.ToDictionary(v => v.Key, v => v.Value.Value)) ?? [],
        };
        var index = new IndexOptions { Kind = project.Retrieval.Index, Floor = project.Retrieval.Floor, At = project.Retrieval.At, Lists = new IvfOptions { CodeBytes = project.Retrieval.CodeBytes } };
        string columns = JsonSerializer.Serialize(new BundleColumns(project.Name, project.Interactions.User, project.Interactions.Item), BundleColumns.Style);
        return BundleFolder.Write(BundlesFolder, manifest, model, data["train"], columns, threads, stages, index, cancellation);
    }

    public Bundle OpenBundle(string? version) => version is null ? BundleFolder.Open(BundlesFolder) : BundleFolder.Open(Path.Combine(BundlesFolder, version));
}

/// <summary>Progress that is told on the calling thread (Progress&lt;T&gt; would post to a pool).</summary>
internal sealed class ActionProgress<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
