using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Facto.Retrieval.Approximate;

/// <summary>Turns the inner product of codes into a value to be maximised.</summary>
internal interface IGeometry
{
    float Value(int dot, int slot);

    /// <summary>Asks for what <see cref="Value"/> will read.</summary>
    void Prefetch(int slot);
}

/// <summary>What <see cref="Nearness"/> reads of a slot, side by side: three arrays would cost three cache misses.</summary>
internal readonly record struct Place(float Scale, float Norm, float Mean, float Unused);

/// <summary>The score for a query, up to rounding of the codes and a constant.</summary>
internal readonly unsafe struct QueryScore(CodeScale* scales, float lead, float step) : IGeometry
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Value(int dot, int slot) => (lead * scales[slot].Lead) + (step * scales[slot].Scale * dot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot)
    {
        if (Sse.IsSupported) { Sse.Prefetch0(scales + slot); }
    }
}

/// <summary>Minus the squared distance of two items: −(‖ρₓ − ρ‖² + (hₓ − h)²).</summary>
internal readonly unsafe struct Nearness(CodedItems stored, int slot) : IGeometry
{
    private readonly Place* _places = stored.Places is null ? null : stored.Places.Pointer;
    private readonly CodeScale* _scales = stored.Scales.Pointer;
    private readonly float* _norms = stored.Norms.Pointer;
    private readonly float* _means = stored.Means.Pointer;
    private readonly float _norm = stored.Norms.Pointer[slot];
    private readonly float _mean = stored.Means.Pointer[slot];
    private readonly float _doubleScale = 2 * stored.Scales.Pointer[slot].Scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Value(int dot, int slot)
    {
        if (_places is not null)
        {
            ref Place place = ref _places[slot];
            float apart = _mean - place.Mean;
            return (_doubleScale * place.Scale * dot) - _norm - place.Norm - (apart * apart);
        }

        float difference = _mean - _means[slot];
        return (_doubleScale * _scales[slot].Scale * dot) - _norm - _norms[slot] - (difference * difference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot)
    {
        if (Sse.IsSupported) { Sse.Prefetch0(_places is not null ? _places + slot : (void*)(_scales + slot)); }
    }
}
