using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>A solver that can be asked for by name.</summary>
public sealed class SolverDescription
{
    /// <summary>Describes a solver from outside the library.</summary>
    /// <param name="name">As in <c>--solver</c>: lower-case letters, digits and hyphens.</param>
    /// <param name="summary">One line for <c>--help</c>.</param>
    /// <param name="tasks">The tasks that it can learn; the first one when the labels speak for none of them.</param>
    /// <param name="create">Starts a run.</param>
    /// <param name="options">Its own options; factors, epochs, threads, seed, patience and history-folds come with every solver.</param>
    /// <exception cref="FactoException">A name cannot be one, or an option is there twice.</exception>
    public SolverDescription(
        string name, string summary, IReadOnlyList<LearningTask> tasks, Func<TrainingJob, ISolver> create,
            IReadOnlyList<SolverOption>? options = null)
    {
        RegistryNames.Check("solver", name);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(create);
        if (tasks.Count == 0) { throw new FactoException($"solver '{name}' names no task that it can learn; give at least one"); }
        (Name, Summary, Tasks, Create) = (name, summary, [.. tasks], create);
        Options = [.. OptionTable.Common, .. options ?? []];
        if (Options.Contains(null!)) { throw new FactoException($"solver '{name}' has an option that is null; leave it out"); }
        if (Options.GroupBy(o => o.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new FactoException($"solver '{name}' describes the option '{twice.Key}' twice, or has it already; keep one");
        }
    }

    private SolverDescription(
        string name, string summary, LearningTask[] tasks, IReadOnlyList<SolverOption> options, Func<TrainingJob, ISolver> create) =>
        (Name, Summary, Tasks, Options, Create) = (name, summary, tasks, options, create);

    /// <summary>As in <c>--solver</c>.</summary>
    public string Name { get; }

    /// <summary>One line for <c>--help</c>.</summary>
    public string Summary { get; }

    /// <summary>The tasks that it can learn.</summary>
    public IReadOnlyList<LearningTask> Tasks { get; }

    /// <summary>Every option that it reads, in the order in which help lists them.</summary>
    public IReadOnlyList<SolverOption> Options { get; }

    /// <summary>Starts a run.</summary>
    internal Func<TrainingJob, ISolver> Create { get; }

    /// <summary>False when it was registered from outside.</summary>
    internal bool IsOfLibrary { get; private init; }

    internal string OptionNames => string.Join(", ", Options.Select(o => o.Name));

    /// <summary>A solver of the library, whose table names every option.</summary>
    internal static SolverDescription Of(
        string name, string summary, LearningTask[] tasks, IReadOnlyList<SolverOption> options, Func<TrainingJob, ISolver> create) =>
        new(name, summary, tasks, options, create) { IsOfLibrary = true };

    /// <summary>The option called <paramref name="name"/>, or null.</summary>
    internal SolverOption? Option(string name) => Options.FirstOrDefault(o => o.Name == name);
}
