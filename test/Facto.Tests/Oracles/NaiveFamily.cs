using Facto.Models;
using Facto.Models.Family;

namespace Facto.Tests.Oracles;

/// <summary>The family's equations as they are written: sums over pairs, O(n²), and over triples, O(n³), in double precision.</summary>
internal static class NaiveFamily
{
    public static double Score(FamilyModel model, IReadOnlyList<(int Feature, float Value)> x) => Sum(model, x, absolute: false);

    /// <summary>The size of the numbers that cancel in a score, for relative tolerances.</summary>
    public static double Magnitude(FamilyModel model, IReadOnlyList<(int Feature, float Value)> x) => 1 + Sum(model, x, absolute: true);

    private static double Sum(FamilyModel model, IReadOnlyList<(int Feature, float Value)> x, bool absolute)
    {
        double score = Size(model.Numbers.Bias);
        for (int a = 0; a < x.Count; a++)
        {
            score += Size((double)model.Numbers.Weight(x[a].Feature) * x[a].Value);
            for (int b = a + 1; b < x.Count; b++)
            {
                score += Size(Pair(model, x[a].Feature, x[b].Feature, absolute) * x[a].Value * x[b].Value);
                for (int c = b + 1; model.Shape.Family == ModelFamily.Fm3 && c < x.Count; c++)
                {
                    score += Size(Triple(model, x[a].Feature, x[b].Feature, x[c].Feature, absolute) * x[a].Value * x[b].Value * x[c].Value);
                }
            }
        }

        return score;

        double Size(double term) => absolute ? Math.Abs(term) : term;
    }

    private static double Pair(FamilyModel model, int i, int j, bool absolute)
    {
        int f = model.Schema.FieldIndexOf(i), g = model.Schema.FieldIndexOf(j), k = model.Shape.FactorCount;
        double sum = 0;
        for (int r = 0; r < k; r++)
        {
            for (int c = 0; c < k; c++)
            {
                double term = model.Shape.Family switch
                {
                    ModelFamily.Ffm => r == c ? (double)model.Numbers.Row(i)[(g * k) + r] * model.Numbers.Row(j)[(f * k) + r] : 0,
                    ModelFamily.Fm3 => r == c ? (double)model.Numbers.Row(i)[r] * model.Numbers.Row(j)[r] : 0,
                    _ => Matrix(model, f, g, r, c) * model.Numbers.Row(i)[r] * model.Numbers.Row(j)[c],
                };
                sum += absolute ? Math.Abs(term) : term;
            }
        }

        return sum;
    }

    private static double Triple(FamilyModel model, int i, int j, int l, bool absolute)
    {
        double sum = 0;
        for (int f = model.Shape.SharesFactors ? 0 : model.Shape.FactorCount; f < model.Numbers.Columns; f++)
        {
            double term = (double)model.Numbers.Row(i)[f] * model.Numbers.Row(j)[f] * model.Numbers.Row(l)[f];
            sum += absolute ? Math.Abs(term) : term;
        }

        return sum;
    }

    // M_fg[r, c]; M_gf is its transpose, and M_ff its own.
    private static double Matrix(FamilyModel model, int f, int g, int r, int c)
    {
        if (f > g) { return Matrix(model, g, f, c, r); }
        Span<float> numbers = new FieldCoupling(model.Shape, model.Schema.Fields.Count, model.Numbers.Coupling).Of(f, g);
        int stride = Facto.Numerics.RowMatrix.PaddedLength(model.Shape.FactorCount);
        return model.Shape.Family switch
        {
            ModelFamily.Fwfm => r == c ? numbers[0] : 0,
            ModelFamily.Fvfm => r == c ? numbers[r] : 0,
            _ => f == g ? 0.5 * ((double)numbers[(r * stride) + c] + numbers[(c * stride) + r]) : numbers[(r * stride) + c],
        };
    }
}
