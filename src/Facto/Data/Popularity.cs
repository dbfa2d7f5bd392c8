namespace Facto.Data;

/// <summary>The one meaning of an exponent on popularity: of negatives that are drawn, stored or weighed.</summary>
internal static class Popularity
{
    /// <summary>
    /// n^ρ; an item that nobody chose counts as if one had, so that it can be drawn. ρ = 0 makes all alike, ρ = 1 follows the choices.
    /// </summary>
    /// <param name="count">n, how often (or with what weight) the item was chosen.</param>
    /// <param name="exponent">ρ ≥ 0.</param>
    public static double Weight(double count, double exponent) => Math.Pow(count > 0 ? count : 1, exponent);
}
