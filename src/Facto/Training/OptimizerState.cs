using Facto.Data;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>
/// AdaGrad's and Adam's sums of an earlier run, out of its checkpoint, with the schema that they belong to. Given to
/// <see cref="TrainingJob.WarmState"/> beside the earlier run's model, a warm start goes on with the step sizes that were reached.
/// </summary>
internal sealed class OptimizerState
{
    private OptimizerState(
        FeatureSchema schema, string solver, int factorCount, NativeBlock<float> bias, NativeBlock<float> linear,
        NativeBlock<float> factors)
    {
        (Schema, Solver, FactorCount, Bias, Linear, Factors) = (schema, solver, factorCount, bias, linear, factors);
    }

    /// <summary>The fields of the earlier run.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>The solver that the sums belong to.</summary>
    public string Solver { get; }

    /// <summary>k of the earlier run.</summary>
    public int FactorCount { get; }

    internal NativeBlock<float> Bias { get; }

    internal NativeBlock<float> Linear { get; }

    internal NativeBlock<float> Factors { get; }

    /// <summary>Reads the sums of a checkpoint of the SGD family.</summary>
    /// <exception cref="FactoException">The run's solver keeps no such sums.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or no checkpoint.</exception>
    public static OptimizerState FromCheckpoint(string path)
    {
        using var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, Checkpoint.Version);
        SolverSettings options = Checkpoint.ReadMeta(reader).Settings;
        if (!reader.Has("sgd.factors"))
        {
            throw new FactoException($"{path}: solver '{options.Solver}' keeps no optimiser state; start from its model alone");
        }
        // Nothing of the file may be needed later: the reader goes, and the next checkpoint may take the file's place.
        var schema =
            new FeatureSchema(FeatureSchemaFile.Read(reader).Fields.Select(f => f with { Vocabulary = f.Vocabulary?.Extended([]) }));
        return new OptimizerState(schema, options.Solver, options.Factors, Copy("sgd.bias"), Copy("sgd.linear"), Copy("sgd.factors"));

        NativeBlock<float> Copy(string name)
        {
            NativeBlock<float> mapped = reader.Block<float>(name);
            var copy = new NativeBlock<float>(mapped.Length);
            mapped.CopyTo(copy);
            return copy;
        }
    }
}
