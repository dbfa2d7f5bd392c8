namespace Facto.Data.Building;

/// <summary>How a log and its tables become a dataset, whoever read them.</summary>
/// <param name="Fields">The fields in the order of their features.</param>
/// <param name="Repeated">One user and item more than once.</param>
/// <param name="Negatives">Negatives to draw for a log of positives; null draws none.</param>
internal sealed record AssemblyPlan(IReadOnlyList<FieldValues> Fields, RepeatedPairs Repeated, NegativeSpec? Negatives);
