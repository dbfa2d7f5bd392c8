using System.Globalization;
using Facto.Models;

namespace Facto.Training.Session;

/// <summary>Kinds of advice.</summary>
internal enum AdviceKind
{
    /// <summary>Validation got worse and nothing went back to its best epoch.</summary>
    Overfits,

    /// <summary>One number for everybody would do better.</summary>
    WorseThanConstant,

    /// <summary>An option was given that nothing could read in this run.</summary>
    IdleOption,
}

/// <summary>What went wrong in a run that ended well, in one sentence: whoever swaps Facto for another program sees no curve.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Sentence">For people; options are called as on the command line, without the dashes.</param>
internal sealed record TrainingAdvice(AdviceKind Kind, string Sentence)
{
    // A curve that is worse by less is noise.
    private const double Tolerance = 0.01;

    /// <summary>A validation metric that got worse while nothing went back to its best epoch; null when it did not.</summary>
    public static TrainingAdvice? OfCurve(TrainResult result)
    {
        if (result.History.Count == 0 || result.BestEpoch < result.History.Count || result.History[^1].Validation is not { } last)
        {
            return null;
        }
        EpochReport best = TrainingSession.Best(result.History);
        ValidationMetric then = best.Validation!.Value;
        if (!then.IsBetterThan(last) || Math.Abs(last.Value - then.Value) <= Tolerance * Math.Abs(then.Value)) { return null; }
        return new(AdviceKind.Overfits, string.Create(CultureInfo.InvariantCulture,
            $"the model overfits: validation {last.Name} was {then.Value:0.0000} after epoch {best.Epoch} and is {last.Value:0.0000} "
                + $"after the last; ")
            + "keep the best epoch (patience 3), or give a larger reg-factors");
    }

    /// <summary>
    /// Examples on which one number for everyone, the mean label of train, is better than the model; null when it is not, or the task has
    /// no such number.
    /// </summary>
    /// <param name="task">Regression or binary; nothing is said of others.</param>
    /// <param name="split">Name of <paramref name="data"/>: validation or test.</param>
    /// <param name="train">Whose mean label is that number.</param>
    /// <param name="data">The examples.</param>
    /// <param name="own">The model's metric on them.</param>
    public static TrainingAdvice? OfConstant(LearningTask task, string split, Dataset train, Dataset data, ValidationMetric own)
    {
        if (task is not (LearningTask.Regression or LearningTask.Binary) || data.Count == 0 || train.Count == 0) { return null; }
        double mean = 0;
        foreach (float label in train.Interactions.Labels.Span) { mean += label; }
        mean /= train.Count;
        float[] constant = new float[data.Count];
        Array.Fill(constant, (float)(task == LearningTask.Binary ? Math.Log(mean / (1 - mean)) : mean));
        ValidationMetric other = ValidationMetric.Of(task, constant, data.Interactions, float.NegativeInfinity, float.PositiveInfinity);
        if (!other.IsBetterThan(own)) { return null; }
        return new(AdviceKind.WorseThanConstant, string.Create(CultureInfo.InvariantCulture,
            $"on the {split} split the mean label of train for everyone would do better ({other.Name} {other.Value:0.0000}): ")
            + "give holdout 0.1 to choose the number of epochs, or a larger reg-factors and reg-linear");
    }

    /// <summary>The same of test examples, whose predictions are at hand.</summary>
    /// <inheritdoc cref="OfConstant(LearningTask, string, Dataset, Dataset, ValidationMetric)"/>
    public static TrainingAdvice? OfPredictions(LearningTask task, string split, Dataset train, Dataset data, float[] predictions)
    {
        if (task is not (LearningTask.Regression or LearningTask.Binary)) { return null; }
        float[] scores = task == LearningTask.Binary ? Array.ConvertAll(predictions, p => MathF.Log(p / (1 - p))) : predictions;
        ValidationMetric own = ValidationMetric.Of(task, scores, data.Interactions, float.NegativeInfinity, float.PositiveInfinity);
        return OfConstant(task, split, train, data, own);
    }
}
