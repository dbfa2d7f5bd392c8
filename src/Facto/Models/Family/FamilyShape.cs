using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>A member of the family with its numbers of factors: what fixes how many parameters there are and what they mean.</summary>
/// <param name="Family">Not <see cref="ModelFamily.Fm"/>, which has a class of its own.</param>
/// <param name="FactorCount">k ≥ 0: floats of one vector; of order 3, of the vectors that meet in pairs.</param>
/// <param name="ThirdOrderCount">fm3: floats of the vectors that meet in triples; 0 elsewhere.</param>
/// <param name="SharesFactors">fm3: pairs and triples use the same vectors, and <paramref name="ThirdOrderCount"/> is k.</param>
internal readonly record struct FamilyShape(ModelFamily Family, int FactorCount, int ThirdOrderCount = 0, bool SharesFactors = false)
{
    /// <summary>Factors of a feature, all of its vectors together.</summary>
    public int Columns(FeatureSchema schema) => Family switch
    {
        ModelFamily.Ffm => checked(schema.Fields.Count * FactorCount),
        ModelFamily.Fm3 when !SharesFactors => checked(FactorCount + ThirdOrderCount),
        _ => FactorCount,
    };

    /// <summary>Floats that a pair of fields has of its own: a number, a padded vector, k padded rows.</summary>
    public int CouplingWidth => Family switch
    {
        ModelFamily.Fwfm => 1,
        ModelFamily.Fvfm => RowMatrix.PaddedLength(FactorCount),
        ModelFamily.Fmfm => checked(FactorCount * RowMatrix.PaddedLength(FactorCount)),
        _ => 0,
    };

    /// <summary>Floats of all pairs of fields f ≤ g.</summary>
    public long CouplingLength(FeatureSchema schema) => (long)PairCount(schema.Fields.Count) * CouplingWidth;

    public static int PairCount(int fields) => checked(fields * (fields + 1) / 2);

    /// <summary>The number of the pair f ≤ g among all pairs, row by row.</summary>
    public static int Pair(int f, int g, int fields) => (f * fields) - (f * (f - 1) / 2) + g - f;

    /// <summary>Parameters that training learns, w₀ included.</summary>
    public long ParameterCount(FeatureSchema schema)
    {
        long pairs = PairCount(schema.Fields.Count);
        long coupling = Family switch
        {
            ModelFamily.Fwfm => pairs,
            ModelFamily.Fvfm => pairs * FactorCount,
            ModelFamily.Fmfm => pairs * FactorCount * FactorCount,
            _ => 0,
        };
        return 1 + schema.FeatureCount + ((long)schema.FeatureCount * Columns(schema)) + coupling;
    }
}
