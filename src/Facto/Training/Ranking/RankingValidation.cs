using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// Recall@20 of the validation positives among all items, what the query chose in training and what its user's history holds left out; at
/// most 2,000 queries, evenly spaced, so that a look costs little beside a pass. Hits are divided by the number of held-out positives.
/// </summary>
internal sealed class RankingValidation(QuerySet train, bool byUser = false)
{
    private const int Cutoff = 20;
    private const int MostQueries = 2000;
    private const int Block = 48;

    private readonly Dictionary<(int User, int Context), int> _known = byUser
        ? Enumerable.Range(0, train.Count).DistinctBy(q => train.UserRows[q]).ToDictionary(q => (train.UserRows[q], -1))
        : Enumerable.Range(0, train.Count).ToDictionary(q => (train.UserRows[q], train.ContextRows[q]));

    private (Dataset Data, HistoryFeatures? Features)? _history;

    /// <summary>The metric, or null when the validation part has no positive.</summary>
    public unsafe ValidationMetric? Recall(FmModel model, Dataset validation)
    {
        if (validation.Items is not { } items || !validation.Interactions.Labels.Span.ContainsAnyExceptInRange(float.NegativeInfinity, 0))
        {
            return null;
        }
        QuerySet queries = QuerySet.Of(validation, "validation");
        if (_history?.Data != validation) { _history = (validation, HistoryFeatures.Of(validation.Schema, validation.ItemIds)); }
        int stride = RowMatrix.PaddedLength(model.VectorDimension), padded = (items.RowCount + 31) / 32 * 32;
        using var table = new RowMatrix(items.RowCount, model.VectorDimension);
        for (int i = 0; i < items.RowCount; i++) { model.ProjectItem(items[i], table.Row(i)); }
        using var users = new RowMatrix(Block, model.VectorDimension);
        using var scores = new RowMatrix(Block, padded);
        int step = Math.Max(1, (queries.Count + MostQueries - 1) / MostQueries), seen = 0;
        double sum = 0;
        for (int first = 0; first < queries.Count; first += step * Block)
        {
            int count = 0;
            for (int q = first; q < queries.Count && count < Block; q += step)
            {
                int context = queries.ContextRows[q];
                model.ProjectUser(
                    validation.Users![queries.UserRows[q]], context < 0 ? default : validation.Contexts![context], users.Row(count++));
            }

            MatrixProduct.MultiplyTransposed(
                users.Storage.Pointer, stride, table.Storage.Pointer, stride, scores.Storage.Pointer, padded, count, items.RowCount,
                stride);
            for (int b = 0; b < count; b++)
            {
                Mask(validation.Users![queries.UserRows[first + (b * step)]], scores.Row(b));
                sum += Recall(queries, first + (b * step), scores.Row(b)[..items.RowCount]);
            }

            seen += count;
        }

        return new ValidationMetric($"recall@{Cutoff}", sum / seen, HigherIsBetter: true);
    }

    private void Mask(SparseRow user, Span<float> scores)
    {
        foreach (int feature in _history!.Value.Features is null ? [] : user.Features)
        {
            if (_history.Value.Features!.ItemOf(feature) is >= 0 and int item) { scores[item] = float.NaN; }
        }
    }

    private double Recall(QuerySet queries, int query, Span<float> scores)
    {
        if (_known.TryGetValue((queries.UserRows[query], byUser ? -1 : queries.ContextRows[query]), out int trained))
        {
            foreach (int item in train.ItemsOf(trained)) { scores[item] = float.NaN; }
        }

        return RankingMetric.Recall.Of(RankingEvaluator.Rank(scores, [], Cutoff), queries.ItemsOf(query), Cutoff);
    }
}
