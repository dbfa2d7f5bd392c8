using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>
/// Where a family model's numbers lie: w₀, one weight and one row of factors per feature, and what pairs of fields share. Rows may have a
/// solver's sums between them, so that a run can be scored without a copy.
/// </summary>
internal sealed unsafe class FamilyStore
{
    /// <summary>Zeros, nothing between the rows.</summary>
    public FamilyStore(int featureCount, int columns, long couplings)
        : this(featureCount, columns, new NativeBlock<float>(featureCount), 1,
            new NativeBlock<float>((long)featureCount * RowMatrix.PaddedLength(columns)), RowMatrix.PaddedLength(columns),
            new NativeBlock<float>(couplings))
    {
    }

    /// <param name="featureCount">n.</param>
    /// <param name="columns">Factors of a feature, all of its vectors together.</param>
    /// <param name="linear">w …</param>
    /// <param name="linearStride">… and the floats from weight to weight.</param>
    /// <param name="factors">The rows …</param>
    /// <param name="factorStride">… and the floats from row to row.</param>
    /// <param name="coupling">What pairs of fields share; empty for models that have no such thing.</param>
    public FamilyStore(int featureCount, int columns, NativeBlock<float> linear, int linearStride, NativeBlock<float> factors,
        int factorStride, NativeBlock<float> coupling)
    {
        long weights = (((long)featureCount - 1) * linearStride) + 1, floats = (((long)featureCount - 1) * factorStride)
            + RowMatrix.PaddedLength(columns);
        if (factorStride < columns || (featureCount > 0 && (linear.Length < weights || factors.Length < floats)))
        {
            throw new ArgumentException($"{linear.Length} weights and {factors.Length} factors do not fit {featureCount} features with "
                + $"{columns} factors each");
        }

        (FeatureCount, Columns, Linear, LinearStride, Factors, FactorStride, Coupling) = (featureCount, columns, linear, linearStride,
            factors, factorStride, coupling);
    }

    public int FeatureCount { get; }

    public int Columns { get; }

    /// <summary>w₀.</summary>
    public float Bias { get; set; }

    public NativeBlock<float> Linear { get; }

    public int LinearStride { get; }

    public NativeBlock<float> Factors { get; }

    public int FactorStride { get; }

    public NativeBlock<float> Coupling { get; }

    public ref float Weight(int feature) => ref Linear[(long)feature * LinearStride];

    public Span<float> Row(int feature) => Factors.Slice((long)feature * FactorStride, Columns);

    /// <summary>The same numbers in memory of their own, nothing between the rows.</summary>
    public FamilyStore Copy()
    {
        var copy = new FamilyStore(FeatureCount, Columns, Coupling.Length) { Bias = Bias };
        for (int i = 0; i < FeatureCount; i++)
        {
            copy.Weight(i) = Weight(i);
            Row(i).CopyTo(copy.Row(i));
        }

        Coupling.CopyTo(copy.Coupling);
        return copy;
    }
}
