using System.Buffers;
using System.Numerics;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Strings ↔ dense integers 0 … Count−1, in the order in which the strings were added. The only place where an external id
/// becomes an internal one. Immutable, mappable (strings and hash table lie in the file), safe for any number of readers.
/// </summary>
internal sealed class Vocabulary
{
    private readonly TextColumn _strings;
    private readonly NativeBlock<int> _slots;   // open addressing, linear probing, −1 = empty; a power of two ≥ 2·Count

    /// <summary>Numbers <paramref name="values"/> in their order.</summary>
    /// <exception cref="ArgumentException">A value occurs twice.</exception>
    internal Vocabulary(IEnumerable<string> values)
        : this(new TextColumn(values), null)
    {
    }

    private Vocabulary(TextColumn strings, NativeBlock<int>? slots)
    {
        _strings = strings;
        _slots = slots ?? BuildSlots(strings);
    }

    internal TextColumn Strings => _strings;

    /// <summary>Number of strings.</summary>
    public int Count => _strings.Count;

    /// <summary>The string with number <paramref name="index"/>.</summary>
    public string this[int index] => _strings[index];

    /// <summary>The number of <paramref name="value"/>, or −1 when it is unknown.</summary>
    public int IndexOf(ReadOnlySpan<char> value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most <= 512)
        {
            Span<byte> small = stackalloc byte[most];
            return IndexOfUtf8(small[..Encoding.UTF8.GetBytes(value, small)]);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(most);
        int index = IndexOfUtf8(rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return index;
    }

    /// <summary>The number of the string with these UTF-8 bytes, or −1.</summary>
    internal int IndexOfUtf8(ReadOnlySpan<byte> value)
    {
        int mask = (int)_slots.Length - 1;
        for (int slot = (int)StableHash.Fnv1a(value) & mask; ; slot = (slot + 1) & mask)
        {
            int index = _slots[slot];
            if (index < 0 || _strings.Utf8(index).SequenceEqual(value)) { return index; }
        }
    }

    /// <summary>All strings in the order of their numbers.</summary>
    internal IEnumerable<string> Values() => Enumerable.Range(0, Count).Select(i => this[i]);

    /// <summary>This vocabulary's numbers unchanged, then those of <paramref name="values"/> that are new.</summary>
    internal Vocabulary Extended(IEnumerable<string> values)
    {
        var added = new HashSet<string>();
        return new Vocabulary(Values().Concat(values.Where(v => IndexOf(v) < 0 && added.Add(v))));
    }

    internal void Write(ArtefactWriter writer, string name)
    {
        _strings.Write(writer, name);
        writer.Write(name + ".slots", _slots);
    }

    internal static Vocabulary Read(ArtefactReader reader, string name)
    {
        TextColumn strings = TextColumn.Read(reader, name);
        NativeBlock<int> slots = reader.Block<int>(name + ".slots", SlotCount(strings.Count));
        int filled = 0;
        foreach (int slot in slots.Span)
        {
            if (slot < -1 || slot >= strings.Count) { throw reader.Damaged($"the hash table of '{name}' points outside it"); }
            filled += slot >= 0 ? 1 : 0;
        }

        return filled == strings.Count ? new Vocabulary(strings, slots) : throw reader.Damaged($"the hash table of '{name}' is incomplete");
    }

    private static int SlotCount(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, count * 2));

    private static NativeBlock<int> BuildSlots(TextColumn strings)
    {
        var slots = new NativeBlock<int>((long)SlotCount(strings.Count));
        Span<int> table = slots.Span;
        table.Fill(-1);
        for (int i = 0; i < strings.Count; i++)
        {
            ReadOnlySpan<byte> value = strings.Utf8(i);
            int slot = (int)StableHash.Fnv1a(value) & (table.Length - 1);
            while (table[slot] >= 0)
            {
                if (strings.Utf8(table[slot]).SequenceEqual(value)) { throw new ArgumentException($"'{strings[i]}' occurs twice"); }
                slot = (slot + 1) & (table.Length - 1);
            }

            table[slot] = i;
        }

        return slots;
    }
}
