using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Facto.Retrieval.Hnsw;

/// <summary>
/// Best-first search: follow the links of the best slot not yet followed, score what is new, keep the best, until every kept slot was followed
/// (Malkov and Yashunin 2018, algorithm 2). Only admitted slots are kept. A slot that is not admitted is a bridge: its own links are looked at
/// in its place, so that a filter which removes the hubs does not cut the graph.
/// </summary>
internal static unsafe class BeamSearch
{
    /// <summary>Runs until the first <paramref name="follow"/> of <paramref name="scratch"/>'s best slots are all followed. <see cref="SearchScratch.Vector"/> holds the codes to compare with.</summary>
    public static void Run<TGeometry, TAdmission>(HnswGraph graph, SearchScratch scratch, TGeometry geometry, TAdmission admission, int follow = int.MaxValue)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int* links = graph.Links.Pointer;
        int next = 0, stride = graph.LinkStride;
        while (next < Math.Min(scratch.Count, follow))
        {
            ref Step step = ref scratch.Best[next];
            if (step.Slot < 0)
            {
                next++;
                continue;
            }

            int slot = step.Slot;
            step.Slot = ~slot;
            int found = Gather(graph, scratch, links + ((long)slot * stride), geometry, admission);
            int improved = ScoreGathered(graph, scratch, found, geometry);
            next = improved <= next ? improved : next + 1;
        }
    }

    /// <summary>Scores <see cref="SearchScratch.Slots"/> and enters them; returns the first place that changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int ScoreGathered<TGeometry>(HnswGraph graph, SearchScratch scratch, int count, TGeometry geometry)
        where TGeometry : struct, IGeometry
    {
        CodeDots.Gather(scratch.Vector, graph.Codes.Pointer, graph.Width, scratch.Slots, count, scratch.Dots);
        return EnterScored(graph, scratch, count, geometry);
    }

    /// <summary>Scores slots first … first + count − 1, which lie side by side, and enters the admitted ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreRun<TGeometry, TAdmission>(HnswGraph graph, SearchScratch scratch, int first, int count, TGeometry geometry, TAdmission admission)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        for (int done = 0; done < count; done += SearchScratch.Batch)
        {
            int start = first + done, batch = Math.Min(SearchScratch.Batch, count - done), kept = 0;
            if (TAdmission.IsOpen)
            {
                CodeDots.Run(scratch.Vector, graph.Codes.Pointer, graph.Width, start, batch, scratch.Dots);
                for (int i = 0; i < batch; i++) { scratch.Slots[i] = start + i; }
                kept = batch;
            }
            else
            {
                for (int i = 0; i < batch; i++)
                {
                    scratch.Slots[kept] = start + i;
                    kept += admission.Admits(start + i) ? 1 : 0;
                }

                CodeDots.Gather(scratch.Vector, graph.Codes.Pointer, graph.Width, scratch.Slots, kept, scratch.Dots);
            }

            EnterScored(graph, scratch, kept, geometry);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EnterScored<TGeometry>(HnswGraph graph, SearchScratch scratch, int count, TGeometry geometry)
        where TGeometry : struct, IGeometry
    {
        int improved = int.MaxValue;
        float threshold = scratch.Threshold;
        int* slots = scratch.Slots, dots = scratch.Dots;
        for (int i = 0; i < count; i++)
        {
            float value = geometry.Value(dots[i], slots[i]);
            if (!(value > threshold)) { continue; }
            improved = Math.Min(improved, scratch.Enter(value, slots[i]));
            PrefetchLinks(graph.Links.Pointer + ((long)slots[i] * graph.LinkStride), graph.LinkStride);
            threshold = scratch.Threshold;
        }

        scratch.Scored += count;
        return improved;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Gather<TGeometry, TAdmission>(HnswGraph graph, SearchScratch scratch, int* links, TGeometry geometry, TAdmission admission)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int found = 0, count = Math.Min(Volatile.Read(ref links[0]), graph.LinkStride - 1);
        int* slots = scratch.Slots;
        for (int i = 1; i <= count; i++)
        {
            int slot = links[i];
            if (!scratch.Visit(slot)) { continue; }
            if (TAdmission.IsOpen || admission.Admits(slot))
            {
                slots[found++] = slot;
                Prefetch(graph, geometry, slot);
            }
            else
            {
                found = Bridge(graph, scratch, graph.Links.Pointer + ((long)slot * graph.LinkStride), geometry, admission, found);
            }
        }

        return found;
    }

    private static int Bridge<TGeometry, TAdmission>(HnswGraph graph, SearchScratch scratch, int* links, TGeometry geometry, TAdmission admission, int found)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int count = Math.Min(Volatile.Read(ref links[0]), graph.LinkStride - 1);
        for (int i = 1; i <= count && found < SearchScratch.Batch; i++)
        {
            int slot = links[i];
            if (!admission.Admits(slot) || !scratch.Visit(slot)) { continue; }
            scratch.Slots[found++] = slot;
            Prefetch(graph, geometry, slot);
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TGeometry>(HnswGraph graph, TGeometry geometry, int slot)
        where TGeometry : struct, IGeometry
    {
        if (Sse.IsSupported)
        {
            sbyte* code = graph.Codes.Pointer + ((long)slot * graph.Width);
            for (int i = 0; i < graph.Width; i += 64) { Sse.Prefetch0(code + i); }
            geometry.Prefetch(slot);
        }
    }

    private static void PrefetchLinks(int* links, int stride)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < stride; i += 16) { Sse.Prefetch0(links + i); }
        }
    }
}
