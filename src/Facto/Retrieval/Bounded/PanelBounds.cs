using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Bounded;

/// <summary>Upper bounds of one panel's scores for one query, whatever the panel is kept as.</summary>
internal unsafe interface IPanelBound
{
    /// <summary>Bit i is set when item i may score <paramref name="limit"/> or more; 64 bounds go to <paramref name="uppers"/>.</summary>
    ulong Of(byte* panel, float error, float limit, float* uppers);
}

/// <summary>int8 codes against the query's int16 codes.</summary>
internal readonly unsafe struct Int8Bound<TCodes, TLanes>(int* pairs, int pairCount, float lead, float step) : IPanelBound
    where TCodes : struct, ICodeLanes<TCodes>
    where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(byte* panel, float error, float limit, float* uppers) =>
        CodeKernels.Bound<TCodes, TLanes>(panel, pairs, pairCount, lead, step, error, limit, uppers);
}
