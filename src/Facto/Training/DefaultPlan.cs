using System.Globalization;
using Facto.Data;
using Facto.Models;

namespace Facto.Training;

/// <summary>How to learn, and why.</summary>
/// <param name="Options">Objective, solver and settings.</param>
/// <param name="Reasons">One sentence for each choice that the data decided.</param>
internal sealed record Plan(TrainOptions Options, IReadOnlyList<string> Reasons);

/// <summary>What the labels of a dataset are.</summary>
internal enum LabelKind
{
    /// <summary>There are none, or all are the same: only what was chosen is known.</summary>
    Same,

    /// <summary>Two values, {0, 1} or {−1, 1}.</summary>
    Binary,

    /// <summary>Anything else.</summary>
    Numbers,
}

/// <summary>Chooses objective and solver by the data. Everything that chooses is in here.</summary>
internal static class DefaultPlan
{
    /// <summary>The plan for a dataset.</summary>
    /// <param name="train">What is learnt from.</param>
    /// <param name="given">Options of the caller, which are kept; null leaves everything to the data.</param>
    /// <exception cref="FactoException">The options cannot learn from such data; the message says what to do.</exception>
    public static Plan For(Dataset train, TrainOptions? given)
    {
        if (train.Count == 0) { throw new FactoException("there is nothing to learn from: the dataset has no interaction"); }
        LabelKind labels = KindOf(train, out float first);
        if (given is not null)
        {
            Check(given.Task, labels, first);
            return new Plan(given, []);
        }

        if (labels == LabelKind.Same && !(first > 0)) { throw new FactoException($"every label is {first}: there is nothing that speaks for an item"); }
        return labels switch
        {
            LabelKind.Same => Ranking(train, HasLabels(train)),
            LabelKind.Binary => new Plan(
                new TrainOptions { Task = LearningTask.Binary, Solver = "adagrad" },
                ["Task binary, because the labels have two values: the model gives the probability of a 1.", "Solver adagrad, the default for probabilities."]),
            _ => new Plan(
                new TrainOptions { Task = LearningTask.Regression, Solver = "adagrad" },
                ["Task regression, because the labels are numbers: the model gives the label itself.", "Solver adagrad, the default for ratings."]),
        };
    }

    /// <summary>Looks at every label. Labels that nobody gave are all the same, whatever counting repeated pairs made of them.</summary>
    public static LabelKind KindOf(Dataset data, out float first)
    {
        Span<float> labels = data.Interactions.Labels.Span;
        float start = first = labels[0];
        if (!HasLabels(data) || labels.IndexOfAnyExcept(start) < 0) { return LabelKind.Same; }
        return labels.IndexOfAnyExcept(0, 1) < 0 || labels.IndexOfAnyExcept(-1, 1) < 0 ? LabelKind.Binary : LabelKind.Numbers;
    }

    private static bool HasLabels(Dataset data) => data.Source?.HasLabels ?? true;

    // The whole-catalogue loss needs a vector of its own for each side; a tied history lends the items' vectors to the users.
    private static Plan Ranking(Dataset train, bool hasLabels)
    {
        string why = hasLabels ? "all labels are the same" : "there are no labels";
        string task = $"Task ranking, because {why}: the model orders the catalogue for each user.";
        return train.Schema.Fields.Any(f => f.Spec is { Kind: FieldKind.Bag, Tied: true })
            ? new Plan(
                new TrainOptions { Task = LearningTask.Ranking, Solver = "bsl", Factors = 32 },
                [task, "Solver bsl (bilateral softmax), because a history is tied to the items' vectors, which the whole-catalogue loss cannot learn."])
            : new Plan(
                new TrainOptions { Task = LearningTask.Ranking, Solver = "icd", Factors = 32 },
                [task, "Solver icd (whole catalogue), because it learns from every pair of user and item and draws no negatives."]);
    }

    private static void Check(LearningTask task, LabelKind labels, float first)
    {
        string label = first.ToString(CultureInfo.InvariantCulture);
        if (labels == LabelKind.Same && task is LearningTask.Regression or LearningTask.Ordinal)
        {
            throw new FactoException($"every label is {label}, so that a {Word(task)} would learn nothing else: use the task ranking, or give labels that differ");
        }

        if (task == LearningTask.Binary && labels != LabelKind.Binary)
        {
            throw new FactoException(labels == LabelKind.Same
                ? $"every label is {label}, and the task binary needs both 0 and 1: draw negatives, or use the task ranking"
                : "the task binary needs labels 0 and 1 (or −1 and 1), and these have other values: make them true or false, such as r => r.Stars >= 4, or use the task regression");
        }
    }

    private static string Word(LearningTask task) => task == LearningTask.Ordinal ? "ordinal model" : "regression";
}
