using System.Text.Json.Serialization;

namespace Facto.Training.Tuning;

/// <summary>One training run of a search.</summary>
/// <param name="Number">0-based; the same number has the same values in every rung.</param>
/// <param name="Rung">0-based rung of successive halving.</param>
/// <param name="Epochs">Most epochs that the run was given.</param>
/// <param name="Values">Option → value.</param>
/// <param name="Metric">The validation metric's name; null when the run failed.</param>
/// <param name="Value">Its best value; NaN when the run failed.</param>
/// <param name="HigherIsBetter">Which way the metric goes.</param>
/// <param name="BestEpoch">The epoch that gave it.</param>
/// <param name="Seconds">Training time.</param>
/// <param name="Failure">Why the run failed, or null.</param>
internal sealed record Trial(
    int Number, int Rung, int Epochs, IReadOnlyDictionary<string, double> Values, string? Metric, double Value, bool HigherIsBetter,
        [property: JsonPropertyName("bestPass")] int BestEpoch, double Seconds, string? Failure)
{
    /// <summary>True when this run is strictly better; a failed run is worse than any other.</summary>
    public bool IsBetterThan(Trial other) =>
        !double.IsNaN(Value) && (double.IsNaN(other.Value) || (HigherIsBetter ? Value > other.Value : Value < other.Value));
}

/// <summary>How to search.</summary>
internal sealed record TuneOptions
{
    /// <summary>Random points of the space, ≥ 1.</summary>
    public int Trials { get; init; } = 27;

    /// <summary>η of successive halving, ≥ 2: each rung keeps one trial in η and gives it η times the epochs.</summary>
    public int Reduction { get; init; } = 3;

    /// <summary>Rungs, ≥ 1: 1 is plain random search. The last rung has all epochs.</summary>
    public int Rungs { get; init; } = 3;

    /// <summary>Trials trained at the same time, ≥ 1; each runs with the options' own threads.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Where the points come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>JSON-lines file of finished trials; a search that finds its own there continues. Null keeps none.</summary>
    public string? TrialsFile { get; init; }

    internal void Validate()
    {
        Require(Trials >= 1, "trials", Trials, "at least 1");
        Require(Reduction >= 2, "reduction", Reduction, "at least 2");
        Require(Rungs >= 1, "rungs", Rungs, "at least 1 (1 = plain random search)");
        Require(Workers is >= 1 and <= 1024, "workers", Workers, "1 to 1024");
    }

    private static void Require(bool holds, string name, int value, string allowed)
    {
        if (!holds) { throw new FactoException($"option {name} is {value}; it must be {allowed}"); }
    }
}

/// <summary>What a search found.</summary>
/// <param name="Options">The given options with the best trial's values: ready to train with.</param>
/// <param name="Best">The best trial of the last rung.</param>
/// <param name="Trials">All runs, by rung, the best of each first.</param>
internal sealed record TuneResult(TrainOptions Options, Trial Best, IReadOnlyList<Trial> Trials);
