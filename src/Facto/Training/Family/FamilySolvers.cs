using Facto.Models;
using Facto.Models.Family;

namespace Facto.Training.Family;

/// <summary>What a run of the family must hold before a solver is made.</summary>
internal static class FamilySolvers
{
    /// <summary>Solvers that learn every member.</summary>
    public static readonly string[] Able = ["adagrad", "sgd", "adam"];

    /// <summary>The job with the model to start from fitted to its schema.</summary>
    /// <exception cref="FactoException">The model to start from is another member than the run.</exception>
    public static TrainingJob Prepare(TrainingJob job)
    {
        ModelFamily asked = job.Options.Family;
        ModelFamily? start = job.WarmFamily is { } kin ? kin.Shape.Family : job.WarmStart is null ? null : ModelFamily.Fm;
        if (start is { } other && other != asked)
        {
            string name = FamilyModelFile.KindOf(other);
            throw new FactoException($"the model to start from is of the family {name}, the run of {FamilyModelFile.KindOf(asked)}; use "
                + $"--family {name}");
        }

        if (job.WarmFamily is not { } older) { return job; }
        if (job.WarmState is not null)
        {
            throw new FactoException("an optimiser's sums go on with FMs only; start from the model alone, without --initial-state");
        }

        if (ReferenceEquals(older.Schema, job.Train.Schema)) { return job; }
        float deviation = job.Given.InitStandardDeviation ?? ModelGrowth.NewDeviation;
        return job with { WarmFamily = FamilyGrowth.Fit(older, job.Train.Schema, deviation, job.Options.Seed) };
    }
}
