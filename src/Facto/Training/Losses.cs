using Facto.Models;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training;

/// <summary>A loss that can be asked for by name.</summary>
public abstract class LossDescription
{
    private protected LossDescription(string name, LearningTask task) => (Name, Task) = (name, task);

    /// <summary>As in the option loss.</summary>
    public string Name { get; }

    /// <summary>The task it serves.</summary>
    public LearningTask Task { get; }

    /// <summary>A run of gradient descent with this loss, compiled for it.</summary>
    internal abstract ISolver Solver<TUpdate>(TrainingJob job)
        where TUpdate : struct, IUpdate;

    /// <summary>Asks the visitor to work with the loss as a type.</summary>
    internal abstract TResult Accept<TResult>(ILossVisitor<TResult> visitor);
}

/// <summary>Work over a loss whose type is not known until it runs.</summary>
internal interface ILossVisitor<out TResult>
{
    TResult Visit<TLoss>()
        where TLoss : struct, ILoss;
}

/// <summary>
/// All losses of single examples. To add one: write a file with an <see cref="ILoss"/>, add one line here; or register it from outside.
/// </summary>
public static class Losses
{
    // Replaced whole, so that a reader never sees half a registration.
    private static LossDescription[] s_all =
    [
        new Description<SquaredLoss>(),
        new Description<LogisticLoss>(),
    ];

    /// <summary>Every loss; the first one of a task is the task's own.</summary>
    public static IReadOnlyList<LossDescription> All => Volatile.Read(ref s_all);

    /// <summary>Adds a loss; any thread may call this at any time.</summary>
    /// <exception cref="FactoException">There is one of that name already.</exception>
    public static void Register<TLoss>()
        where TLoss : struct, ILoss
    {
        var added = new Description<TLoss>();
        for (LossDescription[] before = Volatile.Read(ref s_all); ; before = Volatile.Read(ref s_all))
        {
            if (Array.Exists(before, l => l.Name == added.Name))
            {
                throw new FactoException($"loss '{added.Name}' is registered already; register every loss once, under a name of its own");
            }

            if (Interlocked.CompareExchange(ref s_all, [.. before, added], before) == before) { return; }
        }
    }

    /// <summary>Place of a name in <see cref="All"/>, where losses are only ever appended.</summary>
    /// <exception cref="FactoException">There is none of that name.</exception>
    internal static int IndexOf(string name)
    {
        int found = Array.FindIndex(Volatile.Read(ref s_all), l => l.Name == name);
        return found >= 0
            ? found
            : throw new FactoException($"loss '{name}' is unknown; choose one of {string.Join(", ", All.Select(l => l.Name))}");
    }

    /// <summary>The loss called <paramref name="name"/>, or the task's own when null.</summary>
    /// <exception cref="FactoException">There is none, or it serves another task.</exception>
    internal static LossDescription Find(LearningTask task, string? name)
    {
        LossDescription[] all = Volatile.Read(ref s_all);
        LossDescription[] able = Array.FindAll(all, l => l.Task == task);
        if (name is null && able.Length > 0) { return able[0]; }
        if (Array.Find(able, l => l.Name == name) is { } found) { return found; }
        string choice = able.Length == 0
            ? "there is no loss for this task"
            : $"choose one of {string.Join(", ", able.Select(l => l.Name))}";
        string what = Array.Exists(all, l => l.Name == name) ? $"serves another task than {task}" : "is unknown";
        throw new FactoException($"loss '{name}' {what}; {choice}");
    }

    private sealed class Description<TLoss>() : LossDescription(TLoss.Name, TLoss.Task)
        where TLoss : struct, ILoss
    {
        internal override ISolver Solver<TUpdate>(TrainingJob job) => new SgdSolver<TLoss, TUpdate>(job, LaneWidth.Best);

        internal override TResult Accept<TResult>(ILossVisitor<TResult> visitor) => visitor.Visit<TLoss>();
    }
}
