using System.Globalization;
using Facto.Data;
using Facto.Models;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto;

/// <content>Learning.</content>
public sealed partial class FactorizationMachine
{
    /// <summary>One report per epoch; empty for a model that was opened.</summary>
    public IReadOnlyList<EpochReport> History { get; private init; } = [];

    /// <summary>
    /// Learns a model. Objective and solver follow the data: without labels, or when all are the same, it learns to rank the catalogue;
    /// from labels of two values, the probability of a 1; from other numbers, the label itself. What was chosen stands in
    /// <see cref="Settings"/>. The same data, options and seed give the same model.
    /// </summary>
    /// <param name="train">What is learnt from; built by
    /// <see cref="Dataset.From{T, TUser, TItem}(IEnumerable{T}, Func{T, TUser}, Func{T, TItem})"/>.</param>
    /// <param name="options">How to learn: the options class of a solver; null leaves everything to the data.</param>
    /// <param name="validation">Held-out interactions of the same split, for early stopping; null runs all epochs.</param>
    /// <param name="progress">Told after each epoch, on the calling thread.</param>
    /// <param name="cancellationToken">Stops within an epoch.</param>
    /// <exception cref="FactoException">The options are out of range or cannot learn from this data, or learning diverged; the message says
    /// what to change.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FactorizationMachine Fit(
        Dataset train, SolverOptions? options = null, Dataset? validation = null, IProgress<EpochReport>? progress = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (train.Users is null || train.Items is null)
        {
            throw new FactoException(
                "a model needs users and items: give the flat file a field-to-side map, or build the data with Dataset.From");
        }
        if (validation is not null && !ReferenceEquals(validation.Schema, train.Schema))
        {
            throw new FactoException(
                "the validation data has features of its own: take both from one split, var (train, validation, test) = data.Split(…)");
        }

        Plan plan = DefaultPlan.For(train, options?.ToTrainOptions());
        Interactions seen = SeenLog.Of(train);
        TrainingOutcome outcome = new TrainingSession
        {
            Train = train,
            Options = plan.Options,
            Validation = validation,
            Progress = EpochProgress.To(progress),
        }.Run(cancellationToken);
        Dataset learnt = plan.Options.Task == LearningTask.Binary ? LabelRules.ZeroOne(train) : train;
        return new FactorizationMachine(outcome.Model, learnt, seen, Describe(plan, outcome)) { History = outcome.History };
    }

    private static FitSettings Describe(Plan plan, TrainingOutcome outcome)
    {
        SolverSettings settings = outcome.Settings;
        KeyValuePair<string, string>[] values =
        [
            new("task", OptionWords.Of(settings.Task)),
            new("solver", settings.Solver),
            new("best epoch", outcome.BestEpoch.ToString(CultureInfo.InvariantCulture)),
            .. settings.Values.Select(v => KeyValuePair.Create(v.Name, v.Value)),
        ];
        return new FitSettings(values, [.. plan.Reasons, .. outcome.Advice.Select(a => a.Sentence)]);
    }
}
