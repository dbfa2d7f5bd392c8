using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>One summand of a score: a feature's own weight, or the meeting of two features.</summary>
/// <param name="First">A feature; −1 for w₀.</param>
/// <param name="Second">The feature that it meets, or −1 for a term of one feature alone.</param>
/// <param name="Value">What the term adds to the raw score.</param>
internal readonly record struct ScoreTerm(int First, int Second, float Value);

/// <summary>Takes a score apart into the terms whose sum it is: w₀, w x, ⟨vᵢ,vⱼ⟩xᵢxⱼ. Exact, nothing is estimated.</summary>
internal static class Explainer
{
    /// <summary>All terms of one score, in no particular order; their sum is <see cref="ISeparableModel.Score"/>.</summary>
    /// <exception cref="FactoException">The model is no sum of such terms.</exception>
    public static List<ScoreTerm> Terms(ISeparableModel model, SparseRow user, SparseRow context, SparseRow item) => model switch
    {
        FmModel fm => Terms(fm, user, context, item),
        FmPosterior posterior => Terms(posterior.Mean, user, context, item),   // the mean of the draws' terms is the mean FM's term
        _ => throw new FactoException($"a {model.GetType().Name} does not explain its scores"),
    };

    private static List<ScoreTerm> Terms(FmModel model, SparseRow user, SparseRow context, SparseRow item)
    {
        (int Feature, float Value)[] userSide = [.. Pairs(user), .. Pairs(context)], itemSide = [.. Pairs(item)];
        var terms = new List<ScoreTerm> { new(-1, -1, model.Bias) };
        foreach ((int feature, float x) in userSide.Concat(itemSide)) { terms.Add(new(feature, -1, model.Linear[feature] * x)); }
        if (model.FactorCount == 0) { return terms; }
        float cross = 1;
        if (model.Similarity == Similarity.Dot)
        {
            Within(model, userSide, terms);
            Within(model, itemSide, terms);
        }
        else
        {
            float lengths = Length(model, userSide) * Length(model, itemSide);
            cross = lengths > 0 ? 1 / lengths : 0;
        }

        foreach ((int a, float xa) in userSide)
        {
            foreach ((int b, float xb) in itemSide)
            {
                terms.Add(new(a, b, cross * xa * xb * VectorOps.Dot(model.Factors.Row(a), model.Factors.Row(b))));
            }
        }

        return terms;
    }

    private static void Within(FmModel model, (int Feature, float Value)[] side, List<ScoreTerm> terms)
    {
        for (int i = 0; i < side.Length; i++)
        {
            for (int j = i + 1; j < side.Length; j++)
            {
                float dot = VectorOps.Dot(model.Factors.Row(side[i].Feature), model.Factors.Row(side[j].Feature));
                terms.Add(new(side[i].Feature, side[j].Feature, side[i].Value * side[j].Value * dot));
            }
        }
    }

    private static float Length(FmModel model, (int Feature, float Value)[] side)
    {
        float[] sum = new float[model.FactorCount];
        foreach ((int feature, float x) in side) { VectorOps.AddScaled(sum, x, model.Factors.Row(feature)); }
        return MathF.Sqrt(VectorOps.SumOfSquares(sum));
    }

    private static (int, float)[] Pairs(SparseRow row)
    {
        var pairs = new (int, float)[row.Count];
        for (int i = 0; i < pairs.Length; i++) { pairs[i] = (row.Features[i], row.Value(i)); }
        return pairs;
    }
}
