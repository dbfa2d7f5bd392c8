using Facto.Models;

namespace Facto.Training.Session;

/// <summary>What a training goes on from.</summary>
/// <param name="Model">An earlier model; what its schema lacks is appended (<see cref="ModelGrowth"/>).</param>
/// <param name="State">The optimiser's sums of the run that made it; null starts them afresh.</param>
internal sealed record WarmStart(FmModel Model, OptimizerState? State = null)
{
    /// <summary>Opens both from their files.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="checkpoint">Path of the checkpoint of the run that made it, or null.</param>
    /// <exception cref="FactoException">A file is missing, or the checkpoint's solver keeps no sums.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or something else.</exception>
    public static WarmStart Open(string model, string? checkpoint) =>
        new(FmModelFile.Open(model), checkpoint is null ? null : OptimizerState.FromCheckpoint(checkpoint));
}
