using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Session;

namespace Facto.Training;

/// <summary>Raw scores of a ranker for every example of a dataset: a Facto model, or anything else that can score pairs.</summary>
/// <param name="data">The examples.</param>
/// <param name="scores">One score per example; must be finite.</param>
internal delegate void TeacherScores(Dataset data, Span<float> scores);

/// <summary>
/// The pre-ranking stage: a small FM learns a ranker's scores (Ba and Caruana 2014: regression on the logits carries more than the clicks
/// do), also of items that were never shown, because that is what the recall stage hands over and what no click speaks of.
/// </summary>
internal static class Distillation
{
    /// <summary>The training examples, and beside each so many items drawn uniformly for the same user and context.</summary>
    /// <param name="data">Two-sided examples.</param>
    /// <param name="candidatesPerExample">Drawn items per example, ≥ 0. What they should be labelled with is left 0.</param>
    /// <param name="seed">Start of the draws.</param>
    /// <exception cref="FactoException">The data have no item side, or the count is negative.</exception>
    public static Dataset WithCandidates(Dataset data, int candidatesPerExample, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Interactions.Items is not { } items || data.Items is not { RowCount: > 0 } table)
        {
            throw new FactoException("distillation draws items for users, and the data have no item side; give a field-to-side map");
        }
        if (candidatesPerExample < 0) { throw new FactoException($"option candidates is {candidatesPerExample}; it must be at least 0"); }
        int copies = candidatesPerExample + 1;
        int[] rows = new int[checked(data.Count * copies)];
        for (int i = 0; i < rows.Length; i++) { rows[i] = i / copies; }
        Dataset repeated = data.Select(rows);
        var random = new SeededRandom(seed);
        for (int i = 0; i < rows.Length; i++)
        {
            if (i % copies == 0) { continue; }
            repeated.Interactions.Items![i] = random.NextInt(table.RowCount);
            repeated.Interactions.Labels[i] = 0;
        }

        return repeated;
    }

    /// <summary>The same pairs with the teacher's scores as labels.</summary>
    /// <exception cref="FactoException">The teacher gave a score that is no number.</exception>
    public static Dataset Label(Dataset data, TeacherScores teacher)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(teacher);
        var labels = new NativeBlock<float>((long)data.Count);
        teacher(data, labels.Span);
        for (int i = 0; i < data.Count; i++)
        {
            if (!float.IsFinite(labels[i]))
            {
                throw new FactoException($"the teacher's score of example {i} is {labels[i]}; a student can only learn finite scores");
            }
        }

        Interactions from = data.Interactions;
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

    /// <summary>Trains a student on the teacher's scores of the training examples and of drawn candidates.</summary>
    /// <param name="job">
    /// The ranker's training data, and how the student learns (its task is set to regression); validation pairs, if any, are labelled too.
    /// </param>
    /// <param name="teacher">The ranker.</param>
    /// <param name="candidatesPerExample">Drawn items per example.</param>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="time">Measures the epochs; the system's clock when null.</param>
    /// <param name="cancellation">Ends the run.</param>
    public static TrainResult Train(
        TrainingJob job,
        TeacherScores teacher,
        int candidatesPerExample = 4,
        IProgress<EpochReport>? progress = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        TrainingSession session = Session(job.Train, job.Validation, job.Given, teacher, candidatesPerExample);
        return (session with { Progress = EpochProgress.To(progress), Time = time }).Run(cancellation).Result;
    }

    /// <summary>
    /// The student's training, ready to run: the ranker's examples and drawn candidates with the teacher's scores as labels.
    /// </summary>
    internal static TrainingSession Session(
        Dataset train, Dataset? validation, TrainOptions options, TeacherScores teacher, int candidatesPerExample) => new()
        {
            Train = Label(WithCandidates(train, candidatesPerExample, options.Seed ?? 1), teacher),
            Validation = validation is null ? null : Label(validation, teacher),
            Options = options with { Task = LearningTask.Regression },
        };

    /// <summary>A Facto model as a teacher.</summary>
    public static TeacherScores Of(ISeparableModel model) => (data, scores) => ModelScorer.Score(model, data, scores, 1);
}
