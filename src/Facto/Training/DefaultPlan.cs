using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>How to learn, and why.</summary>
/// <param name="Options">Objective, solver and settings, as far as they are not left to the tables of the solvers.</param>
/// <param name="Reasons">One sentence for each choice that the data decided.</param>
internal sealed record Plan(TrainOptions Options, IReadOnlyList<string> Reasons);

/// <summary>Chooses by the data what the caller left open. Everything that chooses is asked for here.</summary>
internal static class DefaultPlan
{
    /// <summary>The plan for a dataset.</summary>
    /// <param name="train">What is learnt from.</param>
    /// <param name="given">Options of the caller, which are kept; null leaves everything to the data.</param>
    /// <exception cref="FactoException">A value is out of range, or the solver would not read an option.</exception>
    public static Plan For(Dataset train, TrainOptions? given)
    {
        given ??= new TrainOptions();
        SolverSettings settings = SolverSettings.Of(given, train);
        var reasons = new List<string>();
        if (given.Task is null && given.Solver is null) { reasons.Add(WhyTask(train, settings.Task)); }
        if (given.Solver is null) { reasons.Add(WhySolver(train, settings)); }
        return new Plan(given with { Task = settings.Task, Solver = settings.Solver }, reasons);
    }

    private static string WhyTask(Dataset train, LearningTask task) => task switch
    {
        LearningTask.Ranking => $"Task ranking, because {(TaskRule.HasLabels(train) ? "all labels are the same" : "there are no labels")}: "
            + $"the model orders the catalogue for each user.",
        LearningTask.Binary => "Task binary, because the labels have two values: the model gives the probability of a 1.",
        _ => "Task regression, because the labels are numbers: the model gives the label itself.",
    };

    private static string WhySolver(Dataset train, SolverSettings settings) => settings.Task switch
    {
        LearningTask.Ranking when Solvers.HasTiedBag(train) =>
            "Solver bsl (bilateral softmax), because a history is tied to the items' vectors, which the whole-catalogue loss cannot learn.",
        LearningTask.Ranking =>
            "Solver icd (whole catalogue), because it learns from every pair of user and item and draws no negatives.",
        LearningTask.Ordinal => "Solver gibbs, because it is the one that learns ordered classes.",
        LearningTask.Binary => "Solver adagrad, the default for probabilities.",
        _ => "Solver adagrad, the default for ratings.",
    };
}
