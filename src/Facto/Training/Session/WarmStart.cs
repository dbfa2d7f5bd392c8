using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Models.Text;

namespace Facto.Training.Session;

/// <summary>What a training goes on from.</summary>
/// <param name="Model">An earlier model; what its schema lacks is appended (<see cref="ModelGrowth"/>).</param>
/// <param name="State">The optimiser's sums of the run that made it; null starts them afresh.</param>
internal sealed record WarmStart(ISeparableModel Model, OptimizerState? State = null)
{
    /// <summary>Opens both from their files.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="checkpoint">Path of the checkpoint of the run that made it, or null.</param>
    /// <exception cref="FactoException">A file is missing, or the checkpoint's solver keeps no sums.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or something else.</exception>
    public static WarmStart Open(string model, string? checkpoint) =>
        new(OpenModel(model), checkpoint is null ? null : OptimizerState.FromCheckpoint(checkpoint));

    /// <summary>Reads a text of xLearn or libFM, whose features are the numbers of the data.</summary>
    /// <param name="path">Of a file that <see cref="TextModelReader.Knows"/>.</param>
    /// <param name="schema">Of the data that the model was learnt from.</param>
    /// <param name="task">What its scores mean.</param>
    /// <exception cref="FactoException">A line is not what the format has there.</exception>
    public static WarmStart OfText(string path, FeatureSchema schema, LearningTask task) => new(TextModelReader.Read(path, schema, task));

    private static ISeparableModel OpenModel(string path) =>
        FamilyModelFile.FamilyOf(ModelFile.KindOf(path)) is null ? FmModelFile.Open(path) : FamilyModelFile.Open(path);
}
