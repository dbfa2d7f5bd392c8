namespace Facto.Evaluation;

/// <summary>Metrics of predictions against labels, example by example. All sums in double precision.</summary>
internal static class PredictionMetrics
{
    // Probabilities are kept this far from 0 and 1 in the logarithm, as scikit-learn does for float32.
    private const double LogLossGuard = 1.1920929e-7;

    /// <summary>√(mean (p − y)²); the interval by the delta method.</summary>
    public static MetricValue RootMeanSquaredError(ReadOnlySpan<float> predictions, ReadOnlySpan<float> labels)
    {
        MetricValue square = Mean(predictions, labels, static (p, y) => ((double)p - y) * ((double)p - y));
        double root = Math.Sqrt(square.Value);
        return new(root, root > 0 ? square.HalfWidth / (2 * root) : 0);
    }

    /// <summary>Mean |p − y|.</summary>
    public static MetricValue MeanAbsoluteError(ReadOnlySpan<float> predictions, ReadOnlySpan<float> labels) =>
        Mean(predictions, labels, static (p, y) => Math.Abs((double)p - y));

    /// <summary>Mean −[y ln p + (1−y) ln(1−p)] of probabilities against labels 0/1.</summary>
    public static MetricValue LogLoss(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> labels) =>
        Mean(probabilities, labels, static (p, y) =>
        {
            double q = Math.Clamp((double)p, LogLossGuard, 1 - LogLossGuard);
            return -((y * Math.Log(q)) + ((1 - y) * Math.Log(1 - q)));
        });

    /// <summary>
    /// Area under the ROC curve: the chance that a random positive (label &gt; ½) scores above a random negative, ties counting half.
    /// The interval is DeLong's (1988). NaN when one class is missing.
    /// </summary>
    public static MetricValue AreaUnderCurve(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        RequireSameLength(scores.Length, labels.Length);
        float[] keys = scores.ToArray();
        bool[] positive = new bool[labels.Length];
        for (int i = 0; i < labels.Length; i++) { positive[i] = labels[i] > 0.5f; }
        Array.Sort(keys, positive);
        long positives = positive.LongCount(p => p), negatives = positive.Length - positives;
        if (positives == 0 || negatives == 0) { return new(double.NaN, 0); }
        return Placements(keys, positive, positives, negatives);
    }

    /// <summary>
    /// AUC per user, averaged with the user's number of examples as weight over users that have both classes (Zhu et al. 2017, GAUC).
    /// </summary>
    /// <param name="scores">One score per example.</param>
    /// <param name="labels">0/1.</param>
    /// <param name="users">The user of each example, any integers.</param>
    public static MetricValue GroupedAreaUnderCurve(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<int> users)
    {
        RequireSameLength(scores.Length, labels.Length);
        RequireSameLength(scores.Length, users.Length);
        int[] order = new int[users.Length], keys = users.ToArray();
        for (int i = 0; i < order.Length; i++) { order[i] = i; }
        Array.Sort(keys, order);
        double weighted = 0, weights = 0;
        float[] s = new float[order.Length], y = new float[order.Length];
        for (int start = 0; start < order.Length;)
        {
            int end = start;
            for (; end < order.Length && keys[end] == keys[start]; end++)
            {
                (s[end - start], y[end - start]) = (scores[order[end]], labels[order[end]]);
            }
            int count = end - start;
            double auc = AreaUnderCurve(s.AsSpan(0, count), y.AsSpan(0, count)).Value;
            if (!double.IsNaN(auc)) { (weighted, weights) = (weighted + (auc * count), weights + count); }
            start = end;
        }

        return new(weights > 0 ? weighted / weights : double.NaN, 0);
    }

    /// <summary>The root of the weighted mean of (clipped score − y)²: the RMSE of a rating that never leaves its range.</summary>
    /// <param name="scores">Raw scores.</param>
    /// <param name="labels">As many.</param>
    /// <param name="weights">As many, or empty for 1 each.</param>
    /// <param name="low">Predictions are not lower.</param>
    /// <param name="high">Predictions are not higher.</param>
    internal static double RootMeanSquaredErrorOfScores(
        ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float low, float high)
    {
        double sum = 0, total = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double weight = weights.IsEmpty ? 1 : weights[i], error = Math.Clamp(scores[i], low, high) - labels[i];
            sum += weight * (error * error);
            total += weight;
        }

        return Math.Sqrt(sum / total);
    }

    /// <summary>
    /// The weighted mean log loss of log-odds: as <see cref="LogLoss"/>, without a probability that rounds to 0 or 1 on the way.
    /// </summary>
    /// <param name="scores">Log-odds.</param>
    /// <param name="labels">0/1, as many.</param>
    /// <param name="weights">As many, or empty for 1 each.</param>
    internal static double LogLossOfScores(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, total = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // ln(1 + e^(−m)) with m the margin, without overflow.
            double weight = weights.IsEmpty ? 1 : weights[i], margin = labels[i] > 0.5 ? scores[i] : -scores[i];
            sum += weight * (Math.Max(-margin, 0) + Math.Log(1 + Math.Exp(-Math.Abs(margin))));
            total += weight;
        }

        return sum / total;
    }

    private static MetricValue Placements(float[] keys, bool[] positive, long positives, long negatives)
    {
        // V10 of a positive = share of negatives below it; V01 of a negative = share of positives above it (ties half).
        double sum10 = 0, squares10 = 0, squares01 = 0;
        long negativesBelow = 0, positivesBelow = 0;
        for (int start = 0; start < keys.Length;)
        {
            int end = start, p = 0;
            for (; end < keys.Length && keys[end].Equals(keys[start]); end++) { p += positive[end] ? 1 : 0; }
            int n = end - start - p;
            double v10 = (negativesBelow + (0.5 * n)) / negatives, v01 = (positives - positivesBelow - (0.5 * p)) / positives;
            (sum10, squares10, squares01) = (sum10 + (p * v10), squares10 + (p * v10 * v10), squares01 + (n * v01 * v01));
            (negativesBelow, positivesBelow, start) = (negativesBelow + n, positivesBelow + p, end);
        }

        double auc = sum10 / positives;
        double variance10 = positives > 1 ? ((squares10 / positives) - (auc * auc)) / (positives - 1) : 0;
        double variance01 = negatives > 1 ? ((squares01 / negatives) - (auc * auc)) / (negatives - 1) : 0;
        return new(auc, MetricValue.Z95 * Math.Sqrt(Math.Max(0, variance10 + variance01)));
    }

    private static MetricValue Mean(ReadOnlySpan<float> predictions, ReadOnlySpan<float> labels, Func<float, float, double> loss)
    {
        RequireSameLength(predictions.Length, labels.Length);
        double[] losses = new double[predictions.Length];
        for (int i = 0; i < losses.Length; i++) { losses[i] = loss(predictions[i], labels[i]); }
        return MetricValue.OfMean(losses);
    }

    private static void RequireSameLength(int predictions, int labels)
    {
        if (predictions != labels) { throw new ArgumentException($"{predictions} predictions and {labels} labels do not go together"); }
    }
}
