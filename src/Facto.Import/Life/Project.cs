using System.Globalization;
using System.Text.Json;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Retrieval;
using Facto.Retrieval.Ivf;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>
/// The life of a project's recommendations: import, train, evaluate, bundle, tune. The command line, the service and the console call it
/// and nothing else. It reads no clock but the one it is given and writes to no console: what happens is told through <c>progress</c>, what
/// comes out is a record.
/// </summary>
/// <param name="file">facto.json.</param>
/// <param name="progress">Told what happens, on the calling thread; may be null.</param>
/// <param name="time">Names versions and measures; the system's clock when null.</param>
internal sealed partial class Project(ProjectFile file, IProgress<LifeEvent>? progress = null, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Opens a project.</summary>
    /// <param name="path">facto.json, or the folder that holds it.</param>
    /// <param name="overrides">"path.to.value=value" each.</param>
    /// <param name="dataFolder">Stands in for the project's folder of sources when given.</param>
    /// <param name="progress">Told what happens.</param>
    /// <param name="time">Names versions and measures.</param>
    public static Project Open(
        string path, IReadOnlyList<string>? overrides =
            null, string? dataFolder = null, IProgress<LifeEvent>? progress = null, TimeProvider? time = null) =>
        new(ProjectFile.Load(path, overrides, dataFolder), progress, time);

    /// <summary>Its facto.json.</summary>
    public ProjectFile File => file;

    /// <summary>Folder of the project's bundles.</summary>
    public string BundlesFolder => Path.Combine(file.OutputFolder, "bundles");

    /// <summary>The model of a flat project, which has no items to make bundles of.</summary>
    public string FlatModelPath => Path.Combine(file.OutputFolder, "model.facto");

    /// <summary>The versions that there are, oldest first by name.</summary>
    public IReadOnlyList<string> Bundles => BundleFolder.Versions(BundlesFolder);

    /// <summary>How vectors are made.</summary>
    /// <exception cref="FactoException">The project names an unknown recipe.</exception>
    public VectorRecipe Recipe => Enum.TryParse(file.Retrieval.Recipe, ignoreCase: true, out VectorRecipe recipe)
        ? recipe
        : throw new FactoException($"retrieval.recipe is '{file.Retrieval.Recipe}'; it must be match, naive or pooled");

    /// <summary>Reads the sources into the dataset.</summary>
    /// <exception cref="FactoException">A source is missing or unreadable, or more rows are bad than the project tolerates.</exception>
    public ImportReport Import(CancellationToken cancellation = default) => ProjectImporter.Run(
        file, progress.Of<ImportProgress>(p => new LifeEvent.Step(
            "import", 0.5, $"{p.Step} {p.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows")), cancellation);

    /// <summary>The imported dataset; imports first when there is none.</summary>
    public DatasetFile OpenDataset(CancellationToken cancellation = default)
    {
        if (!System.IO.File.Exists(file.DatasetPath))
        {
            progress.Note($"{file.DatasetPath} is not there yet: importing");
            Import(cancellation);
        }

        return DatasetFile.Open(file.DatasetPath);
    }

    /// <summary>Opens a bundle; the one in use when no version is named.</summary>
    /// <exception cref="FactoException">There is none.</exception>
    public Bundle OpenBundle(string? version = null) =>
        version is null ? BundleFolder.Open(BundlesFolder) : BundleFolder.Open(Path.Combine(BundlesFolder, version));

    /// <summary>Makes sure that a new version can be written, before anything is learnt.</summary>
    /// <exception cref="FactoException">
    /// The version exists or is no name for a folder, or the folder of bundles cannot be written to.
    /// </exception>
    public void CheckVersion(string? version)
    {
        _ = Recipe;
        OutputChecks.Folder(BundlesFolder, BundlesFolder);
        if (version is not null) { BundleFolder.CheckNew(BundlesFolder, version); }
    }

    /// <summary>Writes the bundle of a model and makes it the current one.</summary>
    internal Bundle WriteBundle(
        ISeparableModel model,
        DatasetFile data,
        string? version,
        Dictionary<string, IReadOnlyDictionary<string, double>> metrics,
        int threads,
        StagePlan? stages = null,
        CancellationToken cancellation = default)
    {
        DateTimeOffset now = _time.GetUtcNow();
        var manifest = new BundleManifest
        {
            Version = version ?? string.Empty,
            Recipe = Recipe,
            DataFingerprint = data.Fingerprint,
            Created = now,
            IncludesSeen = !file.Retrieval.HideSeen,
            Metrics = metrics,
        };
        var index = new IndexOptions
        {
            Kind = file.Retrieval.Index,
            Floor = file.Retrieval.Floor,
            At = file.Retrieval.At,
            Ivf = new IvfOptions { CodeBytes = file.Retrieval.CodeBytes },
        };
        string columns = JsonSerializer.Serialize(BundleColumns.Of(file), BundleColumns.Style);
        return BundleFolder.Write(
            BundlesFolder, manifest, model, data["train"], columns, threads, stages, index, SeenLog.Of(data.Parts), cancellation);
    }

    private static Dictionary<string, IReadOnlyDictionary<string, double>> Figures(IReadOnlyDictionary<string, RankingReport>? ranking) =>
        ranking?.ToDictionary(
            m => m.Key, m => (IReadOnlyDictionary<string, double>)m.Value.Metrics.ToDictionary(v => v.Key, v => v.Value.Value)) ?? [];
}
