using System.Runtime.CompilerServices;

namespace Facto.Retrieval.Hnsw;

/// <summary>Turns the inner product of codes into a value to be maximised.</summary>
internal interface IGeometry
{
    float Value(int dot, int slot);
}

/// <summary>The score for a query, up to rounding of the codes and a constant.</summary>
internal readonly unsafe struct QueryScore(CodeScale* scales, float lead, float step) : IGeometry
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Value(int dot, int slot) => (lead * scales[slot].Lead) + (step * scales[slot].Scale * dot);
}

/// <summary>Minus the squared distance of two items: −(‖ρₓ − ρ‖² + (hₓ − h)²).</summary>
internal readonly unsafe struct Nearness(HnswGraph graph, int slot) : IGeometry
{
    private readonly CodeScale* _scales = graph.Scales.Pointer;
    private readonly float* _norms = graph.Norms.Pointer;
    private readonly float* _means = graph.Means.Pointer;
    private readonly float _norm = graph.Norms.Pointer[slot];
    private readonly float _mean = graph.Means.Pointer[slot];
    private readonly float _doubleScale = 2 * graph.Scales.Pointer[slot].Scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Value(int dot, int slot)
    {
        float difference = _mean - _means[slot];
        return (_doubleScale * _scales[slot].Scale * dot) - _norm - _norms[slot] - (difference * difference);
    }
}
