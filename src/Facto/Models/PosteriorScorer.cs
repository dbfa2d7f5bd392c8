using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>What a posterior predicts for every example of a dataset: each draw is scored, O(S·k·nnz) per example.</summary>
internal static class PosteriorScorer
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
                losses[s] += model.Task == LearningTask.Binary
                    ? -Math.Log(Math.Max(1e-15, label > 0.5f ? prediction : 1 - prediction))
                    : (label - prediction) * (label - prediction);
            }
        });
        return Array.IndexOf(losses, losses.Min());
    }

    private static void ForDraws(FmPosterior model, Dataset data, int threads, ReadOnlySpanAction take)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (data.Schema.FeatureCount > model.Schema.FeatureCount)
        {
            throw new FactoException(
                $"the data have {data.Schema.FeatureCount} features, the model {model.Schema.FeatureCount}: read the data with the "
                    + $"model's schema");
        }

        DrawSums? users = Sums(model, data.Users, threads), items = Sums(model, data.Items, threads);
        Parallel.For(
            0, (data.Count + Run - 1) / Run, new ParallelOptions { MaxDegreeOfParallelism = threads }, () =>
            (Scores: new float[model.DrawCount], Context: new DrawSums(1, model)), (run, _, own) =>
        {
            for (int t = run * Run; t < Math.Min(data.Count, (run + 1) * Run); t++)
            {
                int user = users is null
                    ? -1
                    : data.Interactions.Users![t], item = items is null ? -1 : data.Interactions.Items![t], context = data.ContextRow(t);
                if (context >= 0) { model.SumRow(data.Contexts![context], own.Context.Sum.Row(0), own.Context.Own.Row(0)); }
                model.ScoreSums(
                    DrawSums.Of(users, user), DrawSums.Of(items, item), DrawSums.Of(context < 0 ? null : own.Context, 0), own.Scores);
                take(t, own.Scores);
            }

            return own;
        }, _ => { });
    }

    // The rows of a side are summed up once, however many examples share them and however long their bags are.
    private static DrawSums? Sums(FmPosterior model, SparseRows? rows, int threads)
    {
        if (rows is null) { return null; }
        var sums = new DrawSums(rows.RowCount, model);
        Parallel.For(
            0, rows.RowCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, r =>
            model.SumRow(rows[r], sums.Sum.Row(r), sums.Own.Row(r)));
        return sums;
    }

    private sealed class DrawSums(int rows, FmPosterior model)
    {
        public RowMatrix Sum { get; } = new(rows, model.DrawCount * model.FactorCount);

        public RowMatrix Own { get; } = new(rows, model.DrawCount);

        public static RowSums Of(DrawSums? sums, int row) => sums is null ? default : new(sums.Sum.Row(row), sums.Own.Row(row));
    }

    private delegate void ReadOnlySpanAction(int example, ReadOnlySpan<float> scores);
}
