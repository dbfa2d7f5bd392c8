using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;

namespace Facto.Serving;

/// <summary>
/// The draws of a bundle's posterior as models of their own, each with an index over its item vectors, made when a request first falls on
/// it. A list by one draw explores: an item comes up as often as it may be the best (Thompson 1933).
/// </summary>
internal sealed class DrawIndexes(FmPosterior posterior, Dataset data, VectorRecipe recipe)
{
    private const ulong Stream = 0x7468_6f6d_7073_6f6e;

    private readonly Lazy<DrawIndex>[] _draws = [.. Enumerable.Range(0, posterior.DrawCount).Select(s => new Lazy<DrawIndex>(() =>
    {
        FmModel model = posterior.Draw(s);
        return new DrawIndex(s, model, new ExactIndex(VectorExporter.Items(model, data, recipe, threads: 1)));
    }))];

    /// <summary>The draw that a seed falls on.</summary>
    public DrawIndex Of(ulong seed) => _draws[new SeededRandom(seed, Stream).NextInt(_draws.Length)].Value;
}

/// <summary>One draw, ready to rank.</summary>
/// <param name="Number">0 … S−1.</param>
/// <param name="Model">The draw.</param>
/// <param name="Index">Its item vectors.</param>
internal sealed record DrawIndex(int Number, FmModel Model, IItemIndex Index);
