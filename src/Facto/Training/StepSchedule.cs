using Facto.Training.Options;

namespace Facto.Training;

/// <summary>How the step size changes over a run, for every solver that has one.</summary>
internal static class StepSchedule
{
    /// <summary>
    /// What η is multiplied with after <paramref name="epochs"/> epochs, fractions included: <see cref="LearningRateSchedule"/>.
    /// </summary>
    public static double Factor(SolverSettings options, double epochs) => options.Schedule switch
    {
        LearningRateSchedule.InverseTime => 1 / (1 + (options.Decay * epochs)),
        LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, epochs / options.Epochs))),
        _ => 1,
    };
}
