using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>What a run learns from, and how.</summary>
public sealed record TrainingJob
{
    private SolverSettings? _options;

    /// <param name="Train">Training examples.</param>
    /// <param name="Given">How to learn, as far as it was said.</param>
    /// <param name="Validation">Examples for early stopping and adaptive regularisation, same schema; or null.</param>
    /// <param name="WarmStart">
    /// A model to start from, or null; <see cref="Trainer"/> fits one over an older schema by name (<see cref="ModelGrowth"/>), so a solver
    /// sees the training schema.
    /// </param>
    internal TrainingJob(Dataset Train, TrainOptions Given, Dataset? Validation = null, FmModel? WarmStart = null) =>
        (this.Train, this.Given, this.Validation, this.WarmStart) = (Train, Given, Validation, WarmStart);

    /// <summary>Training examples.</summary>
    public Dataset Train { get; internal init; }

    /// <summary>Examples for early stopping and adaptive regularisation, same schema; or null.</summary>
    public Dataset? Validation { get; internal init; }

    /// <summary>How to learn, with every default filled in but those that the solver takes from the data.</summary>
    /// <exception cref="FactoException">A value is out of range, or the solver would not read an option.</exception>
    public SolverSettings Options => _options ??= SolverSettings.Of(Given, Train);

    /// <summary>How to learn, as far as it was said.</summary>
    internal TrainOptions Given
    {
        get;
        init
        {
            field = value;
            _options = null;
        }
    }

    /// <summary>A model to start from, or null.</summary>
    internal FmModel? WarmStart { get; init; }

    /// <summary>
    /// Examples to score with what the run gives, same schema: a sampler's mean over all its samples may be better than any model it can
    /// save.
    /// </summary>
    internal Dataset? Test { get; init; }

    /// <summary>
    /// Beside <see cref="WarmStart"/>: the optimiser's sums of the run that the model comes from; null starts them afresh.
    /// </summary>
    internal OptimizerState? WarmState { get; init; }

    /// <summary>True when the run only finds the best number of epochs: a solver that averages all of them has none.</summary>
    internal bool ChoosesEpochs { get; init; }

    /// <summary>
    /// A model of zeros for the training examples, which a solver fills: its task and the range of its predictions are set.
    /// </summary>
    /// <param name="factors">k ≥ 0.</param>
    public FmModel NewModel(int factors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factors);
        var model = new FmModel(Train.Schema, Options.Task, factors);
        if (Options.Task == LearningTask.Regression) { (model.MinLabel, model.MaxLabel) = LabelRange(); }
        return model;
    }

    /// <summary>
    /// Smallest and largest training label: regression predictions are clipped to this range. What a warm start has seen counts too: a
    /// quiet day of new ratings may not narrow what the model can say.
    /// </summary>
    internal (float Low, float High) LabelRange()
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        if (WarmStart is { Task: LearningTask.Regression } older && float.IsFinite(older.MinLabel) && float.IsFinite(older.MaxLabel))
        {
            (low, high) = (older.MinLabel, older.MaxLabel);
        }

        foreach (float label in Train.Interactions.Labels.Span) { (low, high) = (Math.Min(low, label), Math.Max(high, label)); }
        return (low, high);
    }
}
