using Facto.Data;

namespace Facto.Models;

/// <summary>What a posterior predicts for every example of a dataset: each draw is scored, O(S·k·nnz) per example.</summary>
public static class PosteriorScorer
{
    private const int Run = 256;   // examples handed to a worker at a time

    /// <summary>The label's distribution for every example.</summary>
    /// <param name="model">The posterior.</param>
    /// <param name="data">Examples over the model's features.</param>
    /// <param name="level">Probability of the central interval, 0 to 1 (exclusive).</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    public static PosteriorPrediction[] Predict(FmPosterior model, Dataset data, float level, int threads)
    {
        var predictions = new PosteriorPrediction[data.Count];
        ForDraws(model, data, threads, (t, scores) => predictions[t] = PosteriorPredictive.Of(model, scores, level));
        return predictions;
    }

    /// <summary>The mean over the draws of what each predicts: clipped ratings, probabilities, expected class values.</summary>
    /// <inheritdoc cref="Predict(FmPosterior, Dataset, float, int)"/>
    public static float[] PredictMeans(FmPosterior model, Dataset data, int threads)
    {
        float[] predictions = new float[data.Count];
        ForDraws(model, data, threads, (t, scores) => predictions[t] = PosteriorPredictive.Mean(model, scores));
        return predictions;
    }

    /// <summary>The draw that by itself predicts the labels best: least squared error (binary: log loss).</summary>
    /// <param name="model">The posterior.</param>
    /// <param name="data">Labelled examples; the training part will do, for every draw was made by the same rule.</param>
    public static int BestDraw(FmPosterior model, Dataset data)
    {
        double[] losses = new double[model.DrawCount];
        ForDraws(model, data, 1, (t, scores) =>
        {
            float label = data.Interactions.Labels[t];
            for (int s = 0; s < losses.Length; s++)
            {
                double prediction = PosteriorPredictive.OfDraw(model, s, scores[s]);
                losses[s] += model.Task == LearningTask.Binary ? -Math.Log(Math.Max(1e-15, label > 0.5f ? prediction : 1 - prediction)) : (label - prediction) * (label - prediction);
            }
        });
        return Array.IndexOf(losses, losses.Min());
    }

    private static void ForDraws(FmPosterior model, Dataset data, int threads, ReadOnlySpanAction take)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (data.Schema.FeatureCount > model.Schema.FeatureCount)
        {
            throw new FactoException($"the data have {data.Schema.FeatureCount} features, the model {model.Schema.FeatureCount}: read the data with the model's schema");
        }

        Parallel.For(0, (data.Count + Run - 1) / Run, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new float[model.DrawCount], (run, _, scores) =>
        {
            for (int t = run * Run; t < Math.Min(data.Count, (run + 1) * Run); t++)
            {
                SparseRow user = data.Users is null ? default : data.Users[data.Interactions.Users![t]];
                SparseRow item = data.Items is null ? default : data.Items[data.Interactions.Items![t]];
                int context = data.ContextRow(t);
                model.ScoreDraws(user, context < 0 ? default : data.Contexts![context], item, scores);
                take(t, scores);
            }

            return scores;
        }, _ => { });
    }

    private delegate void ReadOnlySpanAction(int example, ReadOnlySpan<float> scores);
}
