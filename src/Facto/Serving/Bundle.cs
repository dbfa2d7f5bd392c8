using Facto.Data;
using Facto.Models;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// Everything that answers requests, under one version: schema, vocabularies, model, vectors, index, seen items, metrics. Mapped from files and immutable;
/// any number of requests may use it at once, and one that has begun keeps the bundle it began with.
/// </summary>
public sealed class Bundle
{
    private Bundle(string folder, BundleManifest manifest, ISeparableModel model, Dataset data, VectorTable users, VectorTable items)
    {
        Folder = folder;
        Manifest = manifest;
        Model = model;
        Data = data;
        UserVectors = users;
        ItemVectors = items;
        Indexes = IndexSet.Open(folder, manifest.Index, items.Vectors);
        Seen = new SeenItems(data, model.Task.PositiveFrom());
        Attributes = new ItemAttributes(model.Schema, data.Items!);
        History = HistoryFeatures.Of(model.Schema, data.ItemIds);
        Stages = StagePlan.Open(folder, manifest, model, items);
        Ranker = Stages.Count > 0 ? Stages[^1] : new BundleStage("model", model, items, manifest.Recipe, 0);
    }

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>What it says about itself.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>The model; with stages, recall's.</summary>
    public ISeparableModel Model { get; }

    /// <summary>Users, items, ids, titles and training interactions.</summary>
    public Dataset Data { get; }

    /// <summary>One vector per user row.</summary>
    public VectorTable UserVectors { get; }

    /// <summary>One vector per item row.</summary>
    public VectorTable ItemVectors { get; }

    /// <summary>The stages of the cascade, recall first; empty when one model does everything.</summary>
    public IReadOnlyList<BundleStage> Stages { get; }

    /// <summary>What has the last word on order and predictions: the last stage, or the model itself.</summary>
    public BundleStage Ranker { get; }

    /// <summary>Finds the best items.</summary>
    internal PlannedIndex Index => Indexes.Planned;

    /// <summary>What <see cref="Index"/> chooses from, and its measured recall.</summary>
    internal IndexSet Indexes { get; }

    /// <summary>Which features of a user's row are history; null without a bag of items.</summary>
    internal HistoryFeatures? History { get; }

    /// <summary>What each user has.</summary>
    public SeenItems Seen { get; }

    /// <summary>Which items have which attribute.</summary>
    public ItemAttributes Attributes { get; }

    /// <summary>Opens one bundle's folder and checks that its parts belong together.</summary>
    /// <exception cref="FactoException">The folder holds no bundle.</exception>
    /// <exception cref="InvalidDataException">A part is damaged or belongs to another bundle.</exception>
    public static Bundle Open(string folder)
    {
        BundleManifest manifest = BundleManifest.Read(folder);
        ISeparableModel model = ModelFile.Open(Path.Combine(folder, BundleFolder.ModelFileName));
        Dataset data = DatasetFile.Open(Path.Combine(folder, BundleFolder.DataFileName))["train"];
        VectorTable users = VectorTableFile.Open(Path.Combine(folder, BundleFolder.UsersFileName));
        VectorTable items = VectorTableFile.Open(Path.Combine(folder, BundleFolder.ItemsFileName));
        bool fits = data.Users?.RowCount == users.Count && data.Items?.RowCount == items.Count && users.Dimension == model.VectorDimension
            && items.Dimension == model.VectorDimension && data.Schema.FeatureCount == model.Schema.FeatureCount && data.UserIds is not null && data.ItemIds is not null;
        return fits
            ? new Bundle(folder, manifest, model, data, users, items)
            : throw new InvalidDataException($"{folder}: the bundle's model, tables and vectors do not belong together");
    }

    /// <summary>An item's title, or its id when the source has no titles.</summary>
    public string Title(int item) => Data.ItemTitles?[item] is { Length: > 0 } title ? title : Data.ItemIds![item];
}
