using System.Globalization;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training;

/// <summary>Labels that a task cannot learn from are told before training begins.</summary>
internal static class LabelRules
{
    private const int MostShown = 5;

    /// <summary>The job with binary labels as 0 and 1.</summary>
    /// <exception cref="FactoException">There is nothing to learn from these labels.</exception>
    public static TrainingJob Prepare(TrainingJob job)
    {
        if (job.Train.Count == 0) { throw new FactoException("there are no training examples; check the source and the split"); }
        LearningTask task = job.Options.Task;
        if (task == LearningTask.Binary)
        {
            RefuseNotBinary(job.Train);
            job = job with
            {
                Train = ZeroOne(job.Train),
                Validation = job.Validation is { } validation ? ZeroOne(validation) : null,
                Test = job.Test is { } test ? ZeroOne(test) : null,
            };
        }

        if (task == LearningTask.Ranking) { RefuseNoPositive(job.Train); }

        // A warm start may go on with a few labels that happen to be alike.
        if (task is LearningTask.Regression or LearningTask.Binary && job.WarmStart is null && job.Train.Count > 1)
        {
            RefuseConstant(job, task);
        }
        return job;
    }

    private static void RefuseNoPositive(Dataset data)
    {
        foreach (float label in data.Interactions.Labels.Span)
        {
            if (label > 0) { return; }
        }

        throw new FactoException("no label is above 0, so that nothing speaks for an item, and the task ranking learns from what does; "
            + "leave the labels out, or take the task regression");
    }

    private static void RefuseConstant(TrainingJob job, LearningTask task)
    {
        (float low, float high) = job.LabelRange();
        if (low != high) { return; }
        string word = Options.OptionWords.Of(task);
        throw new FactoException(
            string.Create(CultureInfo.InvariantCulture, $"every training label is {low}, so the task {word} has nothing to learn; ")
            + "a log of what was chosen is learnt by the task ranking, or give a label column (and negatives for the task binary)");
    }

    private static void RefuseNotBinary(Dataset data)
    {
        var seen = new SortedSet<float>();
        foreach (float label in data.Interactions.Labels.Span)
        {
            if (seen.Count <= MostShown) { seen.Add(label); }
        }

        if (seen.All(l => l is 0 or 1) || seen.All(l => l is -1 or 1)) { return; }
        string found = string.Join(", ", seen.Take(MostShown).Select(l => l.ToString(CultureInfo.InvariantCulture)))
            + (seen.Count > MostShown ? ", …" : string.Empty);
        throw new FactoException($"the labels are {found}, and the task binary needs 0 or 1 (or -1 and 1); "
            + "say from which value on a label is positive (interactions.positiveFrom in facto.json), or take the task regression");
    }

    /// <summary>The same data with labels −1 as 0, which is what a dataset of two classes holds.</summary>
    internal static Dataset ZeroOne(Dataset data)
    {
        if (!data.Interactions.Labels.Span.Contains(-1f)) { return data; }
        Interactions from = data.Interactions;
        var labels = new NativeBlock<float>((long)data.Count);
        for (int i = 0; i < data.Count; i++) { labels[i] = from.Labels[i] > 0 ? 1 : 0; }
        return data.WithInteractions(new Interactions
        {
            Users = from.Users,
            Items = from.Items,
            Contexts = from.Contexts,
            Labels = labels,
            Weights = from.Weights,
            Times = from.Times,
        });
    }
}
