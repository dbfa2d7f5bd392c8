using Facto.Numerics;

namespace Facto.Models;

/// <summary>From the draws' scores to a distribution of the label.</summary>
internal static class PosteriorPredictive
{
    public static PosteriorPrediction Of(FmPosterior model, ReadOnlySpan<float> scores, float level)
    {
        if (level is not (> 0 and < 1))
        {
            throw new FactoException(
                FormattableString.Invariant($"the level of an interval is {level}; it must be between 0 and 1, such as 0.9"));
        }
        return model.Task switch
        {
            LearningTask.Binary => Binary(scores, level),
            LearningTask.Ordinal => Ordinal(model, scores, level),
            _ => Regression(model, scores, level),
        };
    }

    /// <summary>The mean over the draws of what each predicts.</summary>
    public static float Mean(FmPosterior model, ReadOnlySpan<float> scores)
    {
        double sum = 0;
        for (int s = 0; s < scores.Length; s++) { sum += OfDraw(model, s, scores[s]); }
        return (float)(sum / scores.Length);
    }

    /// <summary>What one draw predicts: the clipped rating, the probability, the expected class value.</summary>
    public static double OfDraw(FmPosterior model, int draw, float score) => model.Task switch
    {
        LearningTask.Binary => NormalDistribution.Cumulative(score),
        LearningTask.Ordinal =>
            ExpectedLabel(model.Levels, model.CutPoints.AsSpan(draw * (model.Levels.Length - 1), model.Levels.Length - 1), score),
        _ => model.Mean.Predict(score),
    };

    /// <summary>Expected label of one draw given its score.</summary>
    public static double ExpectedLabel(ReadOnlySpan<float> levels, ReadOnlySpan<double> cutPoints, double score)
    {
        double sum = levels[^1];
        for (int j = 0; j < cutPoints.Length; j++)
        {
            sum -= (levels[j + 1] - (double)levels[j]) * NormalDistribution.Cumulative(cutPoints[j] - score);
        }
        return sum;
    }

    // A mixture of normals, one per draw; the interval's ends are clipped like the predictions.
    private static PosteriorPrediction Regression(FmPosterior model, ReadOnlySpan<float> scores, float level)
    {
        double mean = 0, second = 0, clipped = 0;
        for (int s = 0; s < scores.Length; s++)
        {
            mean += scores[s];
            clipped += model.Mean.Predict(scores[s]);
            second += ((double)scores[s] * scores[s]) + (1 / model.Precisions[s]);
        }

        mean /= scores.Length;
        double deviation = Math.Sqrt(Math.Max(0, (second / scores.Length) - (mean * mean)));
        double low = MixtureQuantile(scores, model.Precisions, mean, deviation, 0.5 - (0.5 * level));
        double high = MixtureQuantile(scores, model.Precisions, mean, deviation, 0.5 + (0.5 * level));
        return new((float)(clipped / scores.Length), (float)deviation, model.Mean.Predict((float)low), model.Mean.Predict((float)high));
    }

    private static double MixtureQuantile(ReadOnlySpan<float> means, double[] precisions, double mean, double deviation, double p)
    {
        // Newton's steps from the normal of the same moments, within an interval that each evaluation narrows.
        double low = mean - (40 * deviation), high = mean + (40 * deviation), x = mean + (NormalDistribution.Quantile(p) * deviation);
        for (int i = 0; i < 60; i++)
        {
            double cumulative = 0, density = 0;
            for (int s = 0; s < means.Length; s++)
            {
                double root = Math.Sqrt(precisions[s]), z = (x - means[s]) * root;
                cumulative += NormalDistribution.Cumulative(z);
                density += root * NormalDistribution.Density(z);
            }

            double excess = cumulative - (p * means.Length), step = excess / density;
            if (excess < 0) { low = x; }
            else { high = x; }
            double next = x - step;
            if (!(next > low && next < high)) { next = 0.5 * (low + high); }
            if (Math.Abs(next - x) < 1e-9 * deviation) { return next; }
            x = next;
        }

        return x;
    }

    // The interval is of the probability: Φ of the normal interval of the latent over the draws.
    private static PosteriorPrediction Binary(ReadOnlySpan<float> scores, float level)
    {
        double mean = 0, square = 0, p = 0, pSquare = 0;
        foreach (float score in scores)
        {
            double probability = NormalDistribution.Cumulative(score);
            (mean, square, p, pSquare) =
                (mean + score, square + ((double)score * score), p + probability, pSquare + (probability * probability));
        }

        int n = scores.Length;
        (mean, p) = (mean / n, p / n);
        double deviation = Math.Sqrt(Math.Max(0, (square / n) - (mean * mean))),
            reach = NormalDistribution.Quantile(0.5 + (0.5 * level)) * deviation;
        return new(
            (float)p, (float)Math.Sqrt(Math.Max(0, (pSquare / n) - (p * p))), (float)NormalDistribution.Cumulative(mean - reach),
                (float)NormalDistribution.Cumulative(mean + reach));
    }

    private static PosteriorPrediction Ordinal(FmPosterior model, ReadOnlySpan<float> scores, float level)
    {
        int cuts = model.Levels.Length - 1;
        double below = 0, mean = 0, second = 0;
        float low = model.Levels[^1], high = model.Levels[^1];
        bool foundLow = false, foundHigh = false;
        for (int c = 0; c <= cuts; c++)
        {
            double cumulative = 0;
            for (int s = 0; c < cuts && s < scores.Length; s++)
            {
                cumulative += NormalDistribution.Cumulative(model.CutPoints[(s * cuts) + c] - scores[s]) / scores.Length;
            }
            if (c == cuts) { cumulative = 1; }
            double share = cumulative - below, value = model.Levels[c];
            (mean, second, below) = (mean + (share * value), second + (share * value * value), cumulative);
            if (!foundLow && cumulative >= 0.5 - (0.5 * level)) { (low, foundLow) = (model.Levels[c], true); }
            if (!foundHigh && cumulative >= 0.5 + (0.5 * level)) { (high, foundHigh) = (model.Levels[c], true); }
        }

        return new((float)mean, (float)Math.Sqrt(Math.Max(0, second - (mean * mean))), low, high);
    }
}
