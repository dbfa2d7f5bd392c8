namespace Facto.Training.Ranking;

/// <summary>
/// A loss of one positive against one negative that is chosen among candidates. To add one: write a struct in a file of its own and one
/// line in
/// <see cref="RankingSolvers"/>.
/// </summary>
internal interface IPairLoss
{
    /// <summary>True when this candidate is taken at once; otherwise the highest scored of all candidates is.</summary>
    static abstract bool TakesAtOnce(float positive, float negative);

    /// <summary>True when a candidate that was not taken at once is still of use.</summary>
    static abstract bool TakesHighest { get; }

    /// <summary>−dL/dy₊ = dL/dy₋ ≥ 0.</summary>
    /// <param name="positive">y₊.</param>
    /// <param name="negative">y₋.</param>
    /// <param name="draws">How many candidates it took, ≥ 1.</param>
    /// <param name="itemCount">Items in the catalogue.</param>
    /// <param name="loss">L.</param>
    static abstract float Slope(float positive, float negative, int draws, int itemCount, out float loss);
}
