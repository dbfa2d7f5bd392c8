using Facto.Data;
using Facto.Models;

namespace Facto.Serving;

/// <summary>One stage of a cascade: a model, its item vectors, and how many items go on from it.</summary>
/// <param name="Name">recall, prerank or rank.</param>
/// <param name="Model">What scores in this stage.</param>
/// <param name="Items">One vector per item row.</param>
/// <param name="Recipe">How the vectors were made.</param>
/// <param name="Count">Items that go on to the next stage; 0 in the last one, which gives as many as were asked for.</param>
internal sealed record BundleStage(string Name, ISeparableModel Model, VectorTable Items, VectorRecipe Recipe, int Count)
{
    /// <summary>A user's vector in this stage; returns the term that completes the score.</summary>
    internal float Project(UserProfile profile, float[] vector)
    {
        float term = VectorExporter.ProjectUser(Model, Recipe, profile.User, profile.Context, vector);
        return Recipe == VectorRecipe.Match ? term : 0;
    }
}

/// <summary>What a manifest says of a stage.</summary>
/// <param name="Name">recall, prerank or rank.</param>
/// <param name="Count">Items that go on; 0 in the last stage.</param>
internal sealed record StageDescription(string Name, int Count);

/// <summary>The stages of a bundle that is being written: recall is the bundle's own model, the others follow in order.</summary>
/// <param name="RecallCount">Items that recall hands on, ≥ 1.</param>
/// <param name="Later">Name, model and count of each later stage; the last one's count is 0.</param>
internal sealed record StagePlan(int RecallCount, IReadOnlyList<(string Name, ISeparableModel Model, int Count)> Later)
{
    internal static string ModelFileName(string stage) => $"{stage}.model.facto";

    internal static string ItemsFileName(string stage) => $"{stage}.items.facto";

    internal IReadOnlyList<StageDescription> Describe() =>
        [new("recall", RecallCount), .. Later.Select(l => new StageDescription(l.Name, l.Count))];

    // Later stages keep the model's own scores: their order and their predictions are what the stage is for.
    internal void Save(string folder, Dataset data, int threads)
    {
        foreach ((string name, ISeparableModel model, _) in Later)
        {
            ModelFile.Save(model, Path.Combine(folder, ModelFileName(name)));
            VectorTableFile.Save(VectorExporter.Items(model, data, VectorRecipe.Match, threads), Path.Combine(folder, ItemsFileName(name)));
        }
    }

    /// <summary>The stages of an opened bundle, recall first; empty when it has one model for everything.</summary>
    internal static IReadOnlyList<BundleStage> Open(string folder, BundleManifest manifest, ISeparableModel recall, VectorTable items)
    {
        if (manifest.Stages is not { Count: > 1 } stages) { return []; }
        var opened = new List<BundleStage> { new(stages[0].Name, recall, items, manifest.Recipe, stages[0].Count) };
        foreach (StageDescription stage in stages.Skip(1))
        {
            ISeparableModel model = ModelFile.Open(Path.Combine(folder, ModelFileName(stage.Name)));
            VectorTable vectors = VectorTableFile.Open(Path.Combine(folder, ItemsFileName(stage.Name)));
            if (vectors.Count != items.Count || vectors.Dimension != model.VectorDimension
                || model.Schema.FeatureCount != recall.Schema.FeatureCount)
            {
                throw new InvalidDataException($"{folder}: the model and vectors of stage '{stage.Name}' do not belong to this bundle");
            }

            opened.Add(new BundleStage(stage.Name, model, vectors, VectorRecipe.Match, stage.Count));
        }

        return opened;
    }
}
