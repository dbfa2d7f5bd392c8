using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>What scoring a code needs besides the code: score ≈ query step · Scale · ⟨codes⟩ + q₀ · Lead.</summary>
internal readonly record struct CodeScale(float Scale, float Lead);

/// <summary>
/// Items in flat arrays, one place ("slot") per stored vector, with codes and, for a graph, links; without links the slots are an inverted
/// file's lists. A graph's slots that were built together lie in the order of their items' promise (h + 3·‖ρ‖, the score for the
/// best-matching users), so the head is a run of memory and hot items share cache lines; later ones are appended.
/// Links of a slot: [count, slot, slot, …], 2·Links ints. One writer at a time appends and relinks, any number of readers search meanwhile:
/// a slot's data is written before a link to it is, and a slot is never given to another item.
/// </summary>
internal sealed unsafe partial class CodedItems
{
    private int _count;
    private int _deadCount;
    private int _risenCount;

    // Without codes of its own a slot has no norm and no mean either: another structure says what it is like.
    public CodedItems(int dimension, int linkStride, int capacity, int rowLimit, bool isCoded = true)
        : this(dimension, linkStride, capacity, new RowMatrix(capacity, dimension),
            new(isCoded ? (long)capacity * CodeWidth(dimension) : 0), new(capacity), new(isCoded ? capacity : 0),
            new(isCoded ? capacity : 0),
            new((long)capacity * linkStride), new(capacity), new((capacity + 63L) / 64), new(rowLimit))
    {
        for (int row = 0; row < rowLimit; row++) { Slots.Pointer[row] = -1; }
    }

    public CodedItems(
        int dimension, int linkStride, int capacity, RowMatrix rows, NativeBlock<sbyte> codes, NativeBlock<CodeScale> scales,
            NativeBlock<float> norms,
        NativeBlock<float> means, NativeBlock<int> links, NativeBlock<int> items, NativeBlock<ulong> dead, NativeBlock<int> slots)
    {
        Dimension = dimension;
        LinkStride = linkStride;
        Capacity = capacity;
        Width = CodeWidth(dimension);
        Rows = rows;
        Codes = codes;
        Scales = scales;
        Norms = norms;
        Means = means;
        Links = links;
        Items = items;
        Dead = dead;
        Slots = slots;
    }

    private const int RisenRank = 8192, MostRisen = 4096;

    public int Dimension { get; }

    /// <summary>Ints per slot in <see cref="Links"/>.</summary>
    public int LinkStride { get; }

    /// <summary>Slots that fit.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of a code.</summary>
    public int Width { get; }

    /// <summary>Slots in use, dead ones included.</summary>
    public int Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    /// <summary>Slots whose item was deleted or replaced.</summary>
    public int DeadCount
    {
        get => Volatile.Read(ref _deadCount);
        set => Volatile.Write(ref _deadCount, value);
    }

    /// <summary>Slots [0, Built) lie in the order of promise.</summary>
    public int Built { get; set; }

    /// <summary>Original vectors (slot, coordinate).</summary>
    public RowMatrix Rows { get; }

    /// <summary>int8 ρ (slot, <see cref="Width"/>).</summary>
    public NativeBlock<sbyte> Codes { get; }

    public NativeBlock<CodeScale> Scales { get; }

    /// <summary>‖ρ‖² of the code.</summary>
    public NativeBlock<float> Norms { get; }

    /// <summary>h, the mean user's score.</summary>
    public NativeBlock<float> Means { get; }

    public NativeBlock<int> Links { get; }

    /// <summary>Scale, norm and mean side by side while a whole graph is linked; null otherwise.</summary>
    public NativeBlock<Place>? Places { get; private init; }

    /// <summary>
    /// Slots appended since the last compaction that promise as much as the first <see cref="RisenRank"/> built ones do: the head lacks
    /// them.
    /// </summary>
    public NativeBlock<int> Risen { get; } = new(MostRisen);

    public int RisenCount => Volatile.Read(ref _risenCount);

    /// <summary>Item row of each slot.</summary>
    public NativeBlock<int> Items { get; }

    /// <summary>A bit for each dead slot.</summary>
    public NativeBlock<ulong> Dead { get; }

    /// <summary>Slot of each item row, −1 when there is none.</summary>
    public NativeBlock<int> Slots { get; }

    /// <summary>Item rows that have a place in <see cref="Slots"/>.</summary>
    public int RowLimit => (int)Slots.Length;

    private bool IsCoded => Codes.Length > 0 || Capacity == 0;

    public bool IsMapped => Codes.IsMapped;

    public static int CodeWidth(int dimension) => Math.Max(1, (dimension - 1 + CodeDots.Block - 1) / CodeDots.Block) * CodeDots.Block;

    /// <summary>Stores the items, slot i holding item order[i], with int8 codes unless others are to come; no links yet.</summary>
    public static CodedItems StoreInOrder(RowMatrix items, int[] order, ItemSpace space, int linkStride, bool isCoded = true)
    {
        var stored = new CodedItems(space.Dimension, linkStride, order.Length, items.RowCount, isCoded);
        Span<float> rho = new float[space.RestDimension];
        for (int slot = 0; slot < order.Length; slot++)
        {
            stored.Store(space, slot, order[slot], items.Row(order[slot]), rho);
            stored.Slots.Pointer[order[slot]] = slot;
        }

        stored.Count = stored.Built = order.Length;
        return stored;
    }

    public int SlotOf(int row) => (uint)row < (uint)RowLimit ? Volatile.Read(ref Slots.Pointer[row]) : -1;

    public bool IsDead(int slot) => (Volatile.Read(ref Dead.Pointer[slot >> 6]) >> (slot & 63) & 1) != 0;

    public void Bury(int slot)
    {
        Interlocked.Or(ref Dead.Pointer[slot >> 6], 1UL << (slot & 63));
        DeadCount++;
    }

    /// <summary>Writes an item's vector, codes and scales into a slot that no link names yet.</summary>
    public void Store(ItemSpace space, int slot, int row, ReadOnlySpan<float> vector, Span<float> rho)
    {
        vector.CopyTo(Rows.Row(slot));
        Items.Pointer[slot] = row;
        if (!IsCoded)
        {
            Scales.Pointer[slot] = new CodeScale(0, vector[0]);
            return;
        }

        float mean = space.MapItem(vector, rho);
        float largest = 0;
        foreach (float value in rho) { largest = Math.Max(largest, Math.Abs(value)); }
        float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
        sbyte* code = Codes.Pointer + ((long)slot * Width);
        int square = 0;
        for (int i = 0; i < rho.Length; i++)
        {
            int c = (int)MathF.Round(rho[i] * inverse);
            code[i] = (sbyte)c;
            square += c * c;
        }

        Scales.Pointer[slot] = new CodeScale(scale, vector.Length > 0 ? vector[0] : 0);
        Norms.Pointer[slot] = scale * scale * square;
        Means.Pointer[slot] = mean;
    }

    /// <summary>Score of the item for the users that match it best; what the slots are ordered by.</summary>
    public float Promise(int slot) => Means.Pointer[slot] + (3 * MathF.Sqrt(Norms.Pointer[slot]));

    /// <summary>Notes an appended slot that belongs among the head.</summary>
    public void NoteRisen(int slot)
    {
        if (_risenCount == MostRisen || (Built > 0 && Promise(slot) < Promise(Math.Min(Built - 1, RisenRank)))) { return; }
        Risen.Pointer[_risenCount] = slot;
        Volatile.Write(ref _risenCount, _risenCount + 1);
    }

    /// <summary>The same arrays and <see cref="Places"/>: what a build writes its links to.</summary>
    public CodedItems WithPlaces()
    {
        int count = Count;
        var places = new NativeBlock<Place>(count);
        for (int slot = 0; slot < count; slot++)
        {
            places.Pointer[slot] = new Place(Scales.Pointer[slot].Scale, Norms.Pointer[slot], Means.Pointer[slot], 0);
        }
        return new CodedItems(Dimension, LinkStride, Capacity, Rows, Codes, Scales, Norms, Means, Links, Items, Dead, Slots)
        {
            Places = places,
            Built = Built,
            Count = count,
        };
    }

    /// <summary>A copy with room for more slots and rows, in memory of its own.</summary>
    public CodedItems Resized(int capacity, int rowLimit)
    {
        var copy = new CodedItems(Dimension, LinkStride, capacity, rowLimit);
        int count = Count;
        Copy(Rows.Storage, copy.Rows.Storage, (long)count * Rows.Stride);
        Copy(Codes, copy.Codes, (long)count * Width);
        Copy(Scales, copy.Scales, count);
        Copy(Norms, copy.Norms, count);
        Copy(Means, copy.Means, count);
        Copy(Links, copy.Links, (long)count * LinkStride);
        Copy(Items, copy.Items, count);
        Copy(Dead, copy.Dead, (count + 63L) / 64);
        Copy(Slots, copy.Slots, RowLimit);
        Copy(Risen, copy.Risen, _risenCount);
        copy._risenCount = _risenCount;
        copy.Built = Built;
        copy.DeadCount = DeadCount;
        copy.Count = count;
        return copy;
    }

    private static void Copy<T>(NativeBlock<T> source, NativeBlock<T> target, long count)
        where T : unmanaged => Buffer.MemoryCopy(source.Pointer, target.Pointer, target.Length * sizeof(T), count * sizeof(T));
}
