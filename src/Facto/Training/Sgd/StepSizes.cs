namespace Facto.Training.Sgd;

/// <summary>How the step size changes over a run.</summary>
internal static class StepSizes
{
    /// <summary>What η is multiplied with at time <paramref name="t"/>, in epochs from 0.</summary>
    public static double Factor(TrainOptions options, double t) => options.Schedule switch
    {
        LearningRateSchedule.InverseTime => 1 / (1 + (options.Decay * t)),
        LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, t / options.Epochs))),
        _ => 1,
    };
}
