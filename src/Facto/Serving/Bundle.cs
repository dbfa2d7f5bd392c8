using Facto.Data;
using Facto.Models;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// Everything that answers requests, under one version: schema, vocabularies, model, vectors, index, seen items, metrics. Mapped from files
/// and immutable; any number of requests may use it at once, and one that has begun keeps the bundle it began with.
/// </summary>
internal sealed class Bundle
{
    private readonly Lazy<SeenItems> _liked;
    private readonly Lazy<int[]> _popularity;

    private Bundle(string folder, BundleParts parts, IReadOnlyList<BundleStage> stages)
    {
        Folder = folder;
        Manifest = parts.Manifest;
        Model = parts.Model;
        Data = parts.Train;
        SeenLog = parts.Seen;
        UserVectors = parts.Users;
        ItemVectors = parts.Items;
        Indexes = parts.Indexes;
        Seen = new SeenItems(SeenLog, Data.Users!.RowCount);
        Attributes = new ItemAttributes(Model.Schema, Data.Items!);
        History = HistoryFeatures.Of(Model.Schema, Data.ItemIds);
        Stages = stages;
        Ranker = Stages.Count > 0 ? Stages[^1] : new BundleStage("model", Model, ItemVectors, Manifest.Recipe, 0);
        _liked = new Lazy<SeenItems>(() => new SeenItems(SeenLog, Data.Users!.RowCount, LikedFrom()));
        _popularity = new Lazy<int[]>(CountPositives);
    }

    /// <summary>Where it lies; empty for one that was made in memory.</summary>
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

    /// <summary>What each user has: every interaction of the log, in every split and whatever its label.</summary>
    internal SeenItems Seen { get; }

    /// <summary>The interactions behind <see cref="Seen"/>.</summary>
    internal Interactions SeenLog { get; }

    /// <summary>What each user has and likes: positives, and ratings that are not below the mean.</summary>
    internal SeenItems Liked => _liked.Value;

    /// <summary>Positive training interactions of each item.</summary>
    internal int[] Popularity => _popularity.Value;

    /// <summary>Which items have which attribute.</summary>
    public ItemAttributes Attributes { get; }

    /// <summary>Opens one bundle's folder and checks that its parts belong together.</summary>
    /// <exception cref="FactoException">The folder holds no bundle.</exception>
    /// <exception cref="InvalidDataException">A part is damaged or belongs to another bundle.</exception>
    public static Bundle Open(string folder)
    {
        BundleManifest manifest = BundleManifest.Read(folder);
        ISeparableModel model = ModelFile.Open(Path.Combine(folder, BundleFolder.ModelFileName));
        DatasetFile file = DatasetFile.Open(Path.Combine(folder, BundleFolder.DataFileName));
        Dataset data = file["train"];
        VectorTable users = VectorTableFile.Open(Path.Combine(folder, BundleFolder.UsersFileName));
        VectorTable items = VectorTableFile.Open(Path.Combine(folder, BundleFolder.ItemsFileName));
        bool fits = data.Users?.RowCount == users.Count && data.Items?.RowCount == items.Count && users.Dimension == model.VectorDimension
            && items.Dimension == model.VectorDimension && data.Schema.FeatureCount == model.Schema.FeatureCount
                && data.UserIds is not null && data.ItemIds is not null;
        if (!fits) { throw new InvalidDataException($"{folder}: the bundle's model, tables and vectors do not belong together"); }
        Interactions seen = file.Parts.TryGetValue(Facto.Data.SeenLog.Name, out Dataset? log)
            ? log.Interactions
            : OldSeen(data, model.Task.PositiveFrom());
        IndexSet indexes = IndexSet.Open(folder, manifest.Index, items.Vectors);
        return new Bundle(
            folder, new BundleParts(manifest, model, data, seen, users, items, indexes, null),
            StagePlan.Open(folder, manifest, model, items));
    }

    /// <summary>A bundle of what lies in memory.</summary>
    internal static Bundle Of(BundleParts parts) => new(string.Empty, parts, []);

    /// <summary>What it consists of, to be written elsewhere.</summary>
    internal BundleParts Parts() => new(
        Manifest, Model, Data, SeenLog, UserVectors, ItemVectors, Indexes,
        Stages.Count == 0 ? null : new StagePlan(Stages[0].Count, [.. Stages.Skip(1).Select(s => (s.Name, s.Model, s.Count))]));

    /// <summary>An item's title, or its id when the source has no titles.</summary>
    public string Title(int item) => Data.ItemTitles?[item] is { Length: > 0 } title ? title : Data.ItemIds![item];

    // Bundles of older programs hold the training examples alone, drawn negatives among them.
    private static Interactions OldSeen(Dataset train, float positiveFrom)
    {
        int[] rows = [.. Enumerable.Range(0, train.Count).Where(i => train.Interactions.Labels[i] >= positiveFrom)];
        return train.Select(rows).Interactions;
    }

    private float LikedFrom()
    {
        if (Model.Task is LearningTask.Ranking or LearningTask.Binary) { return Model.Task.PositiveFrom(); }
        double sum = 0;
        foreach (float label in SeenLog.Labels.Span) { sum += label; }
        return (float)(sum / Math.Max(1, SeenLog.Count));
    }

    private int[] CountPositives()
    {
        int[] counts = new int[Data.Items!.RowCount];
        float from = Model.Task.PositiveFrom();
        for (int i = 0; i < Data.Count; i++)
        {
            if (Data.Interactions.Labels[i] >= from) { counts[Data.Interactions.Items![i]]++; }
        }

        return counts;
    }
}
