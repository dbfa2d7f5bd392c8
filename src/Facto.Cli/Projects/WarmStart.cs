using Facto.Models;
using Facto.Training;

namespace Facto.Cli.Projects;

/// <summary>What a training starts from.</summary>
/// <param name="Model">Path of an earlier model; what its schema lacks is appended.</param>
/// <param name="Checkpoint">Path of the run's checkpoint that made it, whose optimiser sums go on; null starts them afresh.</param>
internal sealed record WarmStart(string Model, string? Checkpoint)
{
    public (FmModel Model, OptimizerState? State) Open() => (FmModelFile.Open(Model), Checkpoint is null ? null : OptimizerState.FromCheckpoint(Checkpoint));
}
