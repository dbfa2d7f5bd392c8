namespace Facto.Training;

/// <summary>Options that were given, are read, and yet change nothing with the data at hand.</summary>
internal static class IdleOptions
{
    public static IReadOnlyList<string> Of(TrainingJob job)
    {
        var sentences = new List<string>();
        if (job.Options.IsGiven("patience") && job.Options.Patience > 0 && job.Validation is not { Count: > 0 })
        {
            sentences.Add(
                $"option patience is {job.Options.Patience} and has no effect: there are no validation examples, so all "
                    + $"{job.Options.Epochs} epochs run");
        }

        if (job.Options.IsGiven("history-folds") && job.Options.HistoryFolds > 0 && !job.Train.HasFoldedHistory)
        {
            sentences.Add($"option history-folds is {job.Options.HistoryFolds} and has no effect: no user field is a bag of items");
        }

        return sentences;
    }
}
