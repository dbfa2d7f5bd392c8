using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>What every ranking solver does before, between and after its passes.</summary>
internal static class RankingStart
{
    /// <summary>The model to start from: random factors, or a copy of the warm start.</summary>
    /// <exception cref="FactoException">The warm start does not fit.</exception>
    public static FmModel Model(TrainingJob job, Similarity similarity)
    {
        if (job.WarmStart is { } start)
        {
            return start.FactorCount == job.Options.Factors && start.Schema.FeatureCount == job.Train.Schema.FeatureCount
                ? Copy(start, similarity)
                : throw new FactoException(
                    $"the model to start from has {start.FactorCount} factors and {start.Schema.FeatureCount} features, this run "
                        + $"{job.Options.Factors} and {job.Train.Schema.FeatureCount}");
        }

        var model = new FmModel(job.Train.Schema, LearningTask.Ranking, job.Options.Factors) { Similarity = similarity };
        var random = new SeededRandom(job.Options.Seed);
        float deviation = (float)job.Options["init-stdev"];
        for (int feature = 0; feature < job.Train.Schema.FeatureCount; feature++)
        {
            foreach (ref float v in model.Factors.Row(feature)) { v = deviation * (float)random.NextNormal(); }
        }

        return model;
    }

    /// <summary>A copy that later passes do not change.</summary>
    public static FmModel Copy(FmModel model, Similarity? similarity = null)
    {
        var copy = new FmModel(
            model.Schema, LearningTask.Ranking, model.FactorCount)
        { Bias = model.Bias, Similarity = similarity ?? model.Similarity };
        model.Linear.CopyTo(copy.Linear);
        model.Factors.Storage.CopyTo(copy.Factors.Storage);
        return copy;
    }
}
