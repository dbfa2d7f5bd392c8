using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Models.Text;
using Facto.Training;

namespace Facto.Cli.Projects;

/// <summary>What a training starts from.</summary>
/// <param name="Model">Path of an earlier model; what its schema lacks is appended.</param>
/// <param name="Checkpoint">Path of the run's checkpoint that made it, whose optimiser sums go on; null starts them afresh.</param>
internal sealed record WarmStart(string Model, string? Checkpoint)
{
    /// <summary>Opens both; a text of xLearn or libFM is read over <paramref name="schema"/>.</summary>
    public (ISeparableModel Model, OptimizerState? State) Open(FeatureSchema schema, TrainOptions options)
    {
        ISeparableModel model = TextModelReader.Knows(Model) ? TextModelReader.Read(Model, schema, options.Task) : ModelFile.Open(Model);
        ModelFamily family = model switch
        {
            FamilyModel kin => kin.Shape.Family,
            FmModel => ModelFamily.Fm,
            _ => throw new FactoException($"{Model}: a {model.GetType().Name} is no model to start from; give an FM or another member of the family"),
        };
        if (family != options.Family) { throw new FactoException($"{Model}: it is of the family {family}, the run of {options.Family}; use --family {FamilyModelFile.KindOf(family)}"); }
        if (Checkpoint is not null && family != ModelFamily.Fm) { throw new FactoException("--initial-state goes with FMs only; start from the model alone"); }
        return (model, Checkpoint is null ? null : OptimizerState.FromCheckpoint(Checkpoint));
    }
}
