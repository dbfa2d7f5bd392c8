using Facto.Data;

namespace Facto.Models;

/// <summary>Scores every example of a dataset with a finished model.</summary>
public static class ModelScorer
{
    /// <summary>Raw scores; <see cref="ISeparableModel.Predict"/> turns them into ratings or probabilities.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Examples over the model's features.</param>
    /// <param name="scores">As long as the examples.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <exception cref="FactoException">The dataset has features that the model does not.</exception>
    public static void Score(ISeparableModel model, Dataset data, Span<float> scores, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (data.Schema.FeatureCount > model.Schema.FeatureCount)
        {
            throw new FactoException($"the data have {data.Schema.FeatureCount} features, the model {model.Schema.FeatureCount}: read the data with the model's schema");
        }

        if ((model is FmPosterior posterior ? posterior.Mean : model) is FmModel { Similarity: Similarity.Dot } fm)
        {
            FmScorer.Score(new FmView(fm), data, scores, threads);
            GC.KeepAlive(fm);
            return;
        }

        ScoreOneByOne(model, data, scores, threads);
    }

    /// <summary>Scores by any model, example by example.</summary>
    internal static unsafe void ScoreOneByOne(ISeparableModel model, Dataset data, Span<float> scores, int threads)
    {
        const int block = 1024;   // examples between two looks at the shared counter
        fixed (float* start = scores)
        {
            float* target = start;
            int count = scores.Length, next = -1;
            if (threads == 1) { Work(); }
            else { Parallel.For(0, threads, _ => Work()); }

            void Work()
            {
                for (long at = Interlocked.Increment(ref next); at * block < count; at = Interlocked.Increment(ref next))
                {
                    for (int i = (int)at * block; i < Math.Min(count, (at + 1) * block); i++) { target[i] = ScoreOne(model, data, i); }
                }
            }
        }
    }

    private static float ScoreOne(ISeparableModel model, Dataset data, int example)
    {
        SparseRow user = data.Users is null ? default : data.Users[data.Interactions.Users![example]];
        SparseRow item = data.Items is null ? default : data.Items[data.Interactions.Items![example]];
        int context = data.ContextRow(example);
        return model.Score(user, context < 0 ? default : data.Contexts![context], item);
    }
}
