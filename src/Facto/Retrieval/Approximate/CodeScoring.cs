using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Facto.Retrieval.Approximate;

/// <summary>Scores slots by their codes, one by one or in a run, and enters the best into a search's list.</summary>
internal static unsafe class CodeScoring
{
    /// <summary>Scores <see cref="SearchScratch.Slots"/> and enters them; returns the first place that changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int ScoreGathered<TGeometry>(CodedItems stored, SearchScratch scratch, int count, TGeometry geometry)
        where TGeometry : struct, IGeometry
    {
        CodeDots.Gather(scratch.Vector, stored.Codes.Pointer, stored.Width, scratch.Slots, count, scratch.Dots);
        return EnterScored(stored, scratch, count, geometry);
    }

    /// <summary>Scores slots first … first + count − 1, which lie side by side, and enters the admitted ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreRun<TGeometry, TAdmission>(
        CodedItems stored, SearchScratch scratch, int first, int count, TGeometry geometry, TAdmission admission)
        where TGeometry : struct, IGeometry
        where TAdmission : struct, IAdmission, allows ref struct
    {
        for (int done = 0; done < count; done += SearchScratch.Batch)
        {
            int start = first + done, batch = Math.Min(SearchScratch.Batch, count - done), kept = 0;
            if (TAdmission.IsOpen)
            {
                CodeDots.Run(scratch.Vector, stored.Codes.Pointer, stored.Width, start, batch, scratch.Dots);
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

                CodeDots.Gather(scratch.Vector, stored.Codes.Pointer, stored.Width, scratch.Slots, kept, scratch.Dots);
            }

            EnterScored(stored, scratch, kept, geometry);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EnterScored<TGeometry>(CodedItems stored, SearchScratch scratch, int count, TGeometry geometry)
        where TGeometry : struct, IGeometry
    {
        // First those above the threshold are picked, without a branch on any value: most are not.
        BestList best = scratch.Best;
        int* slots = scratch.Slots, links = stored.Links.Pointer;
        float* values = (float*)scratch.Dots;
        float threshold = best.Threshold;
        int above = 0;
        for (int i = 0; i < count; i++)
        {
            int slot = slots[i];
            float value = geometry.Value(scratch.Dots[i], slot);
            values[above] = value;
            slots[above] = slot;
            above += Unsafe.BitCast<bool, byte>(value > threshold);
        }

        float highest = float.NegativeInfinity;
        for (int i = 0; i < above; i++)
        {
            highest = Math.Max(highest, values[i]);
            best.Enter(values[i], slots[i]);
            PrefetchLinks(links + ((long)slots[i] * stored.LinkStride), stored.LinkStride);
        }

        scratch.Scored += count;
        return above == 0 ? int.MaxValue : best.CountAbove(highest);
    }

    private static void PrefetchLinks(int* links, int stride)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < stride; i += 16) { Sse.Prefetch0(links + i); }
        }
    }
}
