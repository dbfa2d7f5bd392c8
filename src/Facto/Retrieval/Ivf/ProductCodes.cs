using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Ivf;

/// <summary>
/// Product codes of the slots of an inverted file. What is coded is the direction of ρ − (centre of its list); its length is kept in
/// <see cref="CodeScale.Scale"/>, so that the error is in proportion to an item's length, and its own quality g in
/// <see cref="CodeScale.Lead"/>, because g decides most rankings:
/// score ≈ q₀·g + ⟨σ, centre⟩ + Scale · Σ_groups table[group, code]. The table depends on the query alone, since inner products are linear
/// in the centre. Codes lie in blocks of 8 slots: (block, group, slot of the block), so a block's sums are eight chains over one run of
/// memory.
/// </summary>
internal sealed unsafe class ProductCodes(ProductCodebook book, NativeBlock<byte> codes)
{
    private const int BlockSlots = 8;
    private const int SampleSize = 1 << 14;

    public ProductCodebook Book { get; } = book;

    public NativeBlock<byte> Codes { get; } = codes;

    /// <summary>Floats of a query's table.</summary>
    public int TableLength => Book.GroupCount * ProductCodebook.CentreCount;

    /// <summary>Bytes of the codes of so many slots.</summary>
    public static long CodeLength(int count, int groups) => (count + BlockSlots - 1L) / BlockSlots * BlockSlots * groups;

    /// <summary>Learns a codebook from the slots, codes them all and sets their scales.</summary>
    /// <param name="items">Slots list by list, without codes of their own.</param>
    /// <param name="space">Maps them to ρ.</param>
    /// <param name="centres">(list, ρ).</param>
    /// <param name="starts">First slot of each list, and the number of slots.</param>
    /// <param name="bytes">Most bytes of a code.</param>
    /// <param name="seed">Of the k-means.</param>
    /// <param name="cancel">Stops it.</param>
    public static ProductCodes Build(
        CodedItems items, ItemSpace space, RowMatrix centres, int[] starts, int bytes, ulong seed, CancellationToken cancel)
    {
        int count = items.Count, rest = space.RestDimension, list = 0, sampled = 0;
        var sample = new RowMatrix(Math.Min(count, SampleSize), rest);
        for (int i = 0; i < sample.RowCount; i++)
        {
            int slot = (int)((long)i * count / sample.RowCount);
            while (slot >= starts[list + 1]) { list++; }
            if (Direction(items, space, centres.Row(list)[..rest], slot, sample.Row(sampled)) > 0) { sampled++; }
        }

        ProductCodebook book = ProductCodebook.Train(sample.Resized(sampled), bytes, seed, cancel);
        var product = new ProductCodes(book, new NativeBlock<byte>(CodeLength(count, book.GroupCount)));
        Span<float> direction = new float[rest], decoded = new float[rest];
        Span<byte> code = new byte[book.GroupCount];
        for (list = 0; list < centres.RowCount; list++)
        {
            cancel.ThrowIfCancellationRequested();
            for (int slot = starts[list]; slot < starts[list + 1]; slot++)
            {
                float length = Direction(items, space, centres.Row(list)[..rest], slot, direction);
                book.Encode(direction, code);
                book.Decode(code, decoded);
                // The multiple of what was decoded that is nearest to what was coded.
                float square = VectorOps.SumOfSquares(decoded), scale = square > 0
                    ? length * VectorOps.Dot(direction, decoded) / square
                    : 0;
                items.Scales.Pointer[slot] = items.Scales.Pointer[slot] with { Scale = scale };
                product.Store(slot, code);
            }
        }

        return product;
    }

    /// <summary>The code of one slot.</summary>
    public void Load(int slot, Span<byte> code)
    {
        byte* at = At(slot);
        for (int group = 0; group < code.Length; group++) { code[group] = at[group * BlockSlots]; }
    }

    /// <summary>
    /// Scores slots first … first + count − 1 of one list by the table in <paramref name="scratch"/> and enters the admitted ones.
    /// </summary>
    /// <param name="items">The slots.</param>
    /// <param name="scratch">Takes the best.</param>
    /// <param name="lead">q₀.</param>
    /// <param name="basis">⟨σ, centre of the list⟩.</param>
    /// <param name="first">First slot.</param>
    /// <param name="count">Slots.</param>
    /// <param name="admission">Which may enter.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ScoreRun<TAdmission>(
        CodedItems items, SearchScratch scratch, float lead, float basis, int first, int count, TAdmission admission)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        float* sums = stackalloc float[BlockSlots];
        CodeScale* scales = items.Scales.Pointer;
        int end = first + count, groups = Book.GroupCount;
        for (int start = first / BlockSlots * BlockSlots; start < end; start += BlockSlots)
        {
            uint rows = (uint.MaxValue << Math.Max(0, first - start)) & ((1u << Math.Min(BlockSlots, end - start)) - 1);
            if (!TAdmission.IsOpen)
            {
                for (uint left = rows; left != 0; left &= left - 1)
                {
                    int row = BitOperations.TrailingZeroCount(left);
                    if (!admission.Admits(start + row)) { rows &= ~(1u << row); }
                }
            }

            if (rows == 0) { continue; }
            Sum(Codes.Pointer + ((long)start * groups), scratch.Table, groups, sums);
            scratch.Scored += BitOperations.PopCount(rows);
            float threshold = scratch.Best.Threshold;
            for (; rows != 0; rows &= rows - 1)
            {
                int row = BitOperations.TrailingZeroCount(rows), slot = start + row;
                float value = basis + (lead * scales[slot].Lead) + (scales[slot].Scale * sums[row]);
                if (!(value > threshold)) { continue; }
                scratch.Best.Enter(value, slot);
                threshold = scratch.Best.Threshold;
            }
        }
    }

    // Eight sums at once: one load brings the eight codes of a group, eight more their entries; each sum waits only for itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(byte* codes, float* table, int groups, float* sums)
    {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (int group = 0; group < groups; group++, codes += BlockSlots, table += ProductCodebook.CentreCount)
        {
            ulong eight = Unsafe.ReadUnaligned<ulong>(codes);
            s0 += table[(byte)eight];
            s1 += table[(byte)(eight >> 8)];
            s2 += table[(byte)(eight >> 16)];
            s3 += table[(byte)(eight >> 24)];
            s4 += table[(byte)(eight >> 32)];
            s5 += table[(byte)(eight >> 40)];
            s6 += table[(byte)(eight >> 48)];
            s7 += table[(byte)(eight >> 56)];
        }

        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        sums[4] = s4;
        sums[5] = s5;
        sums[6] = s6;
        sums[7] = s7;
    }

    // The unit vector of ρ − centre, and its length.
    private static float Direction(CodedItems items, ItemSpace space, ReadOnlySpan<float> centre, int slot, Span<float> direction)
    {
        space.MapItem(items.Rows.Row(slot), direction);
        VectorOps.AddScaled(direction, -1, centre);
        float length = MathF.Sqrt(VectorOps.SumOfSquares(direction));
        foreach (ref float value in direction) { value = length > 0 ? value / length : 0; }
        return length;
    }

    private byte* At(int slot) => Codes.Pointer + ((long)(slot / BlockSlots) * BlockSlots * Book.GroupCount) + (slot % BlockSlots);

    private void Store(int slot, ReadOnlySpan<byte> code)
    {
        byte* at = At(slot);
        for (int group = 0; group < code.Length; group++) { at[group * BlockSlots] = code[group]; }
    }
}
