namespace Facto.Training.WholeCatalogue;

/// <summary>A field as the sweeps see it.</summary>
/// <param name="First">Its first feature.</param>
/// <param name="End">One past its last feature.</param>
/// <param name="IsOneHot">No row has two of its features: then its features touch different rows and may be solved for in parallel,
/// exactly.</param>
/// <param name="IsIdentity">One-hot, and no feature is in two rows: an id.</param>
internal sealed record SideField(int First, int End, bool IsOneHot, bool IsIdentity);
