using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Graph;

/// <summary>
/// Best-first search: follow the links of the best slot not yet followed, score what is new, keep the best, until every kept slot was
/// followed (Malkov and Yashunin 2018, algorithm 2). Only admitted slots are kept. A slot that is not admitted is a bridge: its own links
/// are looked at in its place, so that a filter which removes the hubs does not cut the graph.
/// </summary>
internal static unsafe class BeamSearch
{
    // Slots that are followed in one go: their links are read, and what is new scored, side by side.
    private const int Together = 2;

    /// <summary>
    /// Runs until the first <paramref name="follow"/> of <paramref name="scratch"/>'s best slots are all followed.
    /// <see cref="SearchScratch.Vector"/> holds the codes to compare with.
    /// </summary>
    public static void Run<TGeometry, TAdmission>(
        CodedItems graph, SearchScratch scratch, TGeometry geometry, TAdmission admission, int follow = int.MaxValue)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int* links = graph.Links.Pointer;
        BestList best = scratch.Best;
        int next = 0, stride = graph.LinkStride;
        while (next < Math.Min(best.Count, follow))
        {
            int found = 0, last = Math.Min(best.Count, follow);
            for (int followed = 0; followed < Together && next < last; next++)
            {
                int slot = best.Follow(next);
                if (slot < 0) { continue; }
                found = Gather(graph, scratch, links + ((long)slot * stride), admission, found);
                followed++;
            }

            for (int i = 0; i < found; i++) { Prefetch(graph, geometry, scratch.Slots[i]); }
            next = Math.Min(next, CodeScoring.ScoreGathered(graph, scratch, found, geometry));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Gather<TAdmission>(CodedItems graph, SearchScratch scratch, int* links, TAdmission admission, int found)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int count = Math.Min(Volatile.Read(ref links[0]), graph.LinkStride - 1);
        int* slots = scratch.Slots;
        if (TAdmission.IsOpen)
        {
            // Which links are new is a coin's toss, so nothing branches on it.
            for (int i = 1; i <= count; i++)
            {
                slots[found] = links[i];
                found += scratch.Visit(links[i]);
            }
        }
        else
        {
            for (int i = 1; i <= count; i++)
            {
                int slot = links[i];
                if (scratch.Visit(slot) == 0) { continue; }
                if (admission.Admits(slot)) { slots[found++] = slot; }
                else { found = Bridge(graph, scratch, graph.Links.Pointer + ((long)slot * graph.LinkStride), admission, found); }
            }
        }

        return found;
    }

    private static int Bridge<TAdmission>(CodedItems graph, SearchScratch scratch, int* links, TAdmission admission, int found)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int count = Math.Min(Volatile.Read(ref links[0]), graph.LinkStride - 1);
        for (int i = 1; i <= count && found < SearchScratch.Batch; i++)
        {
            int slot = links[i];
            if (!admission.Admits(slot)) { continue; }
            scratch.Slots[found] = slot;
            found += scratch.Visit(slot);
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TGeometry>(CodedItems graph, TGeometry geometry, int slot)
        where TGeometry : struct, IGeometry
    {
        if (Sse.IsSupported)
        {
            sbyte* code = graph.Codes.Pointer + ((long)slot * graph.Width);
            for (int i = 0; i < graph.Width; i += 64) { Sse.Prefetch0(code + i); }
            geometry.Prefetch(slot);
        }
    }
}
