using Facto.Data;
using Facto.Models;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>What a bundle consists of, wherever it lies: made once from a model and its data, then used in memory or written.</summary>
/// <param name="Manifest">Version, recipe, metrics and what follows from the rest.</param>
/// <param name="Model">The model; with stages, recall's.</param>
/// <param name="Train">Tables, ids, titles and training interactions.</param>
/// <param name="Seen">What users have already.</param>
/// <param name="Users">One vector per user row.</param>
/// <param name="Items">One vector per item row.</param>
/// <param name="Indexes">What finds the items.</param>
/// <param name="Stages">What follows after <paramref name="Model"/>; null when one model does everything.</param>
internal sealed record BundleParts(
    BundleManifest Manifest, ISeparableModel Model, Dataset Train, Interactions Seen, VectorTable Users, VectorTable Items,
        IndexSet Indexes, StagePlan? Stages)
{
    /// <summary>Projects both sides and builds what finds the items.</summary>
    /// <param name="manifest">Version, recipe, metrics; counts and task are filled in here.</param>
    /// <param name="model">The model.</param>
    /// <param name="train">What it learnt from.</param>
    /// <param name="seen">What users have already; null takes all that <paramref name="train"/> was split from.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <param name="stages">What follows after the model, or null.</param>
    /// <param name="index">What finds the items; null scans all of them.</param>
    /// <param name="cancel">Stops the building of an index.</param>
    public static BundleParts Make(
        BundleManifest manifest, ISeparableModel model, Dataset train, Interactions? seen, int threads, StagePlan? stages,
            IndexOptions? index, CancellationToken cancel)
    {
        VectorTable users = VectorExporter.Users(model, train, manifest.Recipe, threads),
            items = VectorExporter.Items(model, train, manifest.Recipe, threads);
        IndexSet indexes = BuildIndexes(items, users, train, threads, index, cancel);
        BundleManifest whole = manifest with
        {
            Task = model.Task,
            Users = train.Users!.RowCount,
            Items = train.Items!.RowCount,
            Dimension = model.VectorDimension,
            Stages = stages?.Describe(),
            Index = indexes.Kind == IndexKind.Exact ? default : indexes.Kind,
            Recall = indexes.Recall,
            Format = indexes.Kind == IndexKind.Exact ? BundleManifest.PlainFormat : BundleManifest.CurrentFormat,
        };
        return new BundleParts(whole, model, train, seen ?? SeenLog.Of(train), users, items, indexes, stages);
    }

    // Exact means that every item is scanned: then the vectors are all there is.
    private static IndexSet BuildIndexes(
        VectorTable items, VectorTable users, Dataset train, int threads, IndexOptions? options, CancellationToken cancel)
    {
        options?.Validate();
        if (options is null || options.Resolve(items.Count, items.Dimension) == IndexKind.Exact)
        {
            return IndexSet.Build(new IndexSource(items.Vectors, null, new IndexOptions { Kind = IndexKind.Exact }, null, cancel));
        }

        var popularity = new float[items.Count];
        foreach (int item in train.Interactions.Items!.Span) { popularity[item]++; }
        IndexOptions workers = options with { Graph = options.Graph with { Workers = threads } };
        return IndexSet.Build(new IndexSource(items.Vectors, users.Vectors, workers, null, cancel), popularity);
    }
}
