using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>
/// The best slots seen, in descending order of value: two arrays, so that the place of a value is counted a vector at a time and entries
/// move up a vector at a time. A search enters some hundreds of slots at places that no branch predictor can foresee: nothing here branches
/// on a value, and memory is read in the aligned blocks in which it was just written, so that no load waits for two stores. Behind the last
/// entry stands nothing above the threshold.
/// </summary>
internal sealed unsafe class BestList
{
    private const int Block = 16;
    private const int Window = 16;   // blocks that are not worth halving

    private NativeBlock<float> _valueBlock = new(0);
    private NativeBlock<int> _slotBlock = new(0);
    private float* _values;
    private int* _slots;
    private int _most;

    /// <summary>Entries, at most as many as <see cref="Begin"/> was told.</summary>
    public int Count { get; private set; }

    /// <summary>Values at or below it do not enter.</summary>
    public float Threshold { get; private set; }

    public float Value(int place) => _values[place];

    /// <summary>The slot at a place.</summary>
    public int Slot(int place)
    {
        int slot = _slots[place];
        return slot ^ (slot >> 31);
    }

    /// <summary>The slot at a place whose links were not followed yet; from now on they were. Negative when they were before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Follow(int place)
    {
        int slot = _slots[place];
        if (slot >= 0) { _slots[place] = ~slot; }
        return slot;
    }

    /// <summary>Forgets everything and keeps at most so many entries from now on, ≥ 1.</summary>
    public void Begin(int most)
    {
        if (_valueBlock.Length < Padded(most))
        {
            _valueBlock = new(Padded(most * 3 / 2));
            _slotBlock = new(_valueBlock.Length);
            _values = _valueBlock.Pointer;
            _slots = _slotBlock.Pointer;
        }

        _valueBlock.Slice(0, Padded(most)).Fill(float.NegativeInfinity);
        _most = most;
        Count = 0;
        Threshold = float.NegativeInfinity;
    }

    /// <summary>Enters a slot behind those of at least its value, when it is among the best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Enter(float value, int slot)
    {
        if (!(value > Threshold)) { return; }
        int first = FirstBlock(_values, Count, value);
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported) { Insert512(_values, _slots, first, Count, value, slot); }
        else { Insert256(_values, _slots, first, Count, value, slot); }
        if (Count < _most) { Count++; }
        if (Count == _most) { Threshold = _values[_most - 1]; }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Insert512(float* values, int* slots, int first, int count, float value, int slot)
    {
        Vector512<float> entering = Vector512.Create(value), valuesBefore = Vector512.Create(float.PositiveInfinity);
        Vector512<int> enteringSlot = Vector512.Create(slot), slotsBefore = Vector512<int>.Zero;
        for (int i = first; i <= count; i += Block)
        {
            Vector512<float> value0 = Vector512.LoadAligned(values + i),
                value1 = Avx512F.AlignRight32(value0.AsInt32(), valuesBefore.AsInt32(), Block - 1).AsSingle();
            Vector512<int> slot0 = Vector512.LoadAligned(slots + i), slot1 = Avx512F.AlignRight32(slot0, slotsBefore, Block - 1);
            Vector512<int> moved =
                Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(value1, entering).AsInt32(), enteringSlot, slot1);
            Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(value0, entering).AsInt32(), slot0, moved).StoreAligned(slots + i);
            Vector512.MaxNative(value0, Vector512.MinNative(value1, entering)).StoreAligned(values + i);
            valuesBefore = value0;
            slotsBefore = slot0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Insert256(float* values, int* slots, int first, int count, float value, int slot)
    {
        Vector256<float> entering = Vector256.Create(value), valuesBefore = Vector256.Create(float.PositiveInfinity);
        Vector256<int> enteringSlot = Vector256.Create(slot), slotsBefore = Vector256<int>.Zero;
        for (int i = first; i <= count; i += Vector256<int>.Count)
        {
            Vector256<float> value0 = Vector256.LoadAligned(values + i), value1 = Shifted(value0.AsInt32(), valuesBefore.AsInt32())
                .AsSingle();
            Vector256<int> slot0 = Vector256.LoadAligned(slots + i), slot1 = Shifted(slot0, slotsBefore);
            Vector256<int> moved =
                Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value1, entering).AsInt32(), enteringSlot, slot1);
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value0, entering).AsInt32(), slot0, moved).StoreAligned(slots + i);
            Vector256.MaxNative(value0, Vector256.MinNative(value1, entering)).StoreAligned(values + i);
            valuesBefore = value0;
            slotsBefore = slot0;
        }
    }

    /// <summary>Entries above a value.</summary>
    public int CountAbove(float value)
    {
        int first = FirstBlock(_values, Count, value);
        Vector256<float> limit = Vector256.Create(value);
        Vector256<int> above = Vector256<int>.Zero;
        for (int i = first; i < Count; i += Vector256<int>.Count)
        {
            above += Vector256.GreaterThan(Vector256.LoadAligned(_values + i), limit).AsInt32();
        }
        return Math.Min(Count, first - Vector256.Sum(above));   // what fell out may stand behind the last entry
    }

    // Whole blocks, and one behind the last entry: it takes the entry that falls out.
    private static int Padded(int most) => ((most / Block) + 2) * Block;

    // The first entry of a block such that all before it are above the value; halves until a few blocks are left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstBlock(float* values, int count, float value)
    {
        int low = 0, blocks = (count + Block - 1) / Block;
        while (blocks > Window)
        {
            int half = blocks >> 1;
            bool isAbove = values[((low + half) * Block) - 1] > value;
            low += half & -Unsafe.BitCast<bool, byte>(isAbove);
            blocks -= half;
        }

        return low * Block;
    }

    // One lane further, behind the last lane of the block before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Shifted(Vector256<int> block, Vector256<int> before)
    {
        Vector256<int> rotation = Vector256.Create(7, 0, 1, 2, 3, 4, 5, 6);
        return Vector256.ConditionalSelect(
            Vector256.Create(-1, 0, 0, 0, 0, 0, 0, 0), Vector256.Shuffle(before, rotation), Vector256.Shuffle(block, rotation));
    }
}
