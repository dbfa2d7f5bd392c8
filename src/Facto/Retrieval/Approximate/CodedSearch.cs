using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>
/// What every search over codes does before and after it walks: code the query, bar denied items, score the best again in float32.
/// </summary>
internal static unsafe class CodedSearch
{
    /// <summary>Candidates beyond n that are scored again in float32, because codes round.</summary>
    public static int Spare(int n) => 8 + (n / 8);

    /// <summary>Codes a query into <paramref name="scratch"/>.</summary>
    public static QueryScore Prepare(CodedItems stored, ItemSpace space, SearchScratch scratch, ReadOnlySpan<float> query)
    {
        var original = new Span<float>(scratch.Query, stored.Rows.Stride);
        original.Clear();
        query.CopyTo(original);
        float* sigma = Sigma(stored, scratch);
        space.MapQuery(scratch.Query + 1, sigma);
        Vector256<float> largest = Vector256<float>.Zero;
        for (int i = 0; i < stored.Dimension - 1; i += Vector256<float>.Count)
        {
            largest = Vector256.Max(largest, Vector256.Abs(Vector256.Load(sigma + i)));
        }
        float most = 0;
        for (int i = 0; i < Vector256<float>.Count; i++) { most = Math.Max(most, largest[i]); }
        float step = most / CodeDots.LargestQueryCode(stored.Width), inverse = step > 0 ? 1 / step : 0;
        for (int i = 0; i < stored.Width; i += Vector256<short>.Count)
        {
            Vector256<int> lower = Coded(sigma + i, inverse), upper = Coded(sigma + i + Vector256<float>.Count, inverse);
            Vector256.Narrow(lower, upper).Store(scratch.Vector + i);
        }

        return new QueryScore(stored.Scales.Pointer, query[0], step);
    }

    private static Vector256<int> Coded(float* sigma, float inverse) =>
        Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(sigma) * inverse));

    /// <summary>σ of the query that was prepared, zero-padded.</summary>
    public static float* Sigma(CodedItems stored, SearchScratch scratch) => scratch.Query + stored.Rows.Stride;

    /// <summary>Scores the best candidates exactly and returns the best of them.</summary>
    public static int Rescore(CodedItems stored, SearchScratch scratch, Span<Scored> best) =>
        Rescore(stored, scratch, best, best.Length + Spare(best.Length));

    /// <summary>The same with so many candidates.</summary>
    public static int Rescore(CodedItems stored, SearchScratch scratch, Span<Scored> best, int candidates)
    {
        int count = Math.Min(scratch.Best.Count, candidates), found = 0;
        Span<Scored> scored = scratch.ScoredOf(count);
        float** rows = stackalloc float*[RowChains.Rows];
        float* scores = stackalloc float[RowChains.Rows];
        int* slots = stackalloc int[RowChains.Rows];
        for (int i = 0; i < count; i += RowChains.Rows)
        {
            int chunk = Math.Min(RowChains.Rows, count - i);
            for (int j = 0; j < RowChains.Rows; j++)
            {
                slots[j] = scratch.Best.Slot(i + Math.Min(j, chunk - 1));
                rows[j] = stored.Rows.Storage.Pointer + ((long)slots[j] * stored.Rows.Stride);
                Prefetch(stored, scratch, i + j + RowChains.Rows, count);
            }

            RowChains.Score(rows, scratch.Query, stored.Dimension, scores);
            for (int j = 0; j < chunk; j++)
            {
                if (!stored.IsDead(slots[j])) { scored[found++] = new Scored(stored.Items.Pointer[slots[j]], scores[j]); }
            }
        }

        NearlySorted.Sort(scored[..found]);
        found = Math.Min(found, best.Length);
        scored[..found].CopyTo(best);
        return found;
    }

    private static void Prefetch(CodedItems stored, SearchScratch scratch, int i, int count)
    {
        if (i >= count || !Sse.IsSupported) { return; }
        int slot = scratch.Best.Slot(i), stride = stored.Rows.Stride;
        float* row = stored.Rows.Storage.Pointer + ((long)slot * stride);
        for (int offset = 0; offset < stride; offset += 16) { Sse.Prefetch0(row + offset); }
        Sse.Prefetch0(stored.Items.Pointer + slot);
    }

    /// <summary>Bars the slot of an item, or clears the bar.</summary>
    public static void Bar(CodedItems stored, SearchScratch scratch, int row, bool barred)
    {
        int slot = stored.SlotOf(row);
        if (slot < 0 || slot >= stored.Capacity) { return; }
        if (barred) { scratch.Bar(slot); }
        else { scratch.Unbar(slot); }
    }

    /// <summary>Scores every admitted slot.</summary>
    public static void ScanAdmitted(
        CodedItems stored, SearchScratch scratch, QueryScore score, ReadOnlySpan<ulong> allowed, FilteredAdmission admission)
    {
        if (allowed.IsEmpty)
        {
            CodeScoring.ScoreRun(stored, scratch, 0, stored.Count, score, admission);
            return;
        }

        int found = 0;
        for (int word = 0; word < allowed.Length; word++)
        {
            for (ulong left = allowed[word]; left != 0; left &= left - 1)
            {
                int slot = stored.SlotOf((word * 64) + BitOperations.TrailingZeroCount(left));
                if (slot < 0 || !admission.Admits(slot)) { continue; }
                scratch.Slots[found++] = slot;
                if (found < SearchScratch.Batch) { continue; }
                CodeScoring.ScoreGathered(stored, scratch, found, score);
                found = 0;
            }
        }

        CodeScoring.ScoreGathered(stored, scratch, found, score);
    }

    /// <summary>Set bits of a bitmap; all slots when it is empty.</summary>
    public static int CountAllowed(ReadOnlySpan<ulong> allowed, CodedItems stored)
    {
        if (allowed.IsEmpty) { return stored.Count; }
        int count = 0;
        foreach (ulong word in allowed) { count += BitOperations.PopCount(word); }
        return count;
    }
}
