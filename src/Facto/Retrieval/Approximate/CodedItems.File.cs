using Facto.Data;
using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <content>The arrays as sections of a file.</content>
internal sealed unsafe partial class CodedItems
{
    /// <summary>Writes everything but the dead bits; the graph must be compact.</summary>
    public void WriteSlots(ArtefactWriter writer)
    {
        Write(writer, "rows", Rows.Storage, (long)Count * Rows.Stride);
        Write(writer, "codes", Codes, IsCoded ? (long)Count * Width : 0);
        Write(writer, "scales", Scales, Count);
        Write(writer, "norms", Norms, IsCoded ? Count : 0);
        Write(writer, "means", Means, IsCoded ? Count : 0);
        Write(writer, "links", Links, (long)Count * LinkStride);
        Write(writer, "items", Items, Count);
        Write(writer, "slots", Slots, RowLimit);
    }

    /// <summary>Maps what <see cref="WriteSlots"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A section is missing or of another size.</exception>
    public static CodedItems MapSlots(
        ArtefactReader reader, int dimension, int linkStride, int count, int rowLimit, bool isCoded = true) => new(
        dimension, linkStride, count, reader.Matrix("rows", count, dimension),
            reader.Block<sbyte>("codes", isCoded ? (long)count * CodeWidth(dimension) : 0),
        reader.Block<CodeScale>("scales", count), reader.Block<float>("norms", isCoded ? count : 0),
            reader.Block<float>("means", isCoded ? count : 0),
        reader.Block<int>("links", (long)count * linkStride), reader.Block<int>("items", count),
            new NativeBlock<ulong>((count + 63L) / 64), reader.Block<int>("slots", rowLimit))
        {
            Built = count,
            Count = count,
        };

    /// <summary>Throws unless every link and every item names a slot that exists.</summary>
    /// <exception cref="InvalidDataException">One does not.</exception>
    public void RequireSound(ArtefactReader reader)
    {
        int count = Count;
        for (int slot = 0; slot < count; slot++)
        {
            bool fits = SlotOf(Items.Pointer[slot]) == slot;
            if (LinkStride > 0)
            {
                int* links = Links.Pointer + ((long)slot * LinkStride);
                fits &= (uint)links[0] < (uint)LinkStride;
                for (int i = 1; fits && i <= links[0]; i++) { fits = (uint)links[i] < (uint)count; }
            }

            if (!fits) { throw reader.Damaged($"place {slot} has a link or an item that does not exist"); }
        }

        foreach (int slot in Slots.Span)
        {
            if (slot < -1 || slot >= count) { throw reader.Damaged($"an item lies at place {slot} of {count}"); }
        }
    }

    private static void Write<T>(ArtefactWriter writer, string name, NativeBlock<T> block, long count)
        where T : unmanaged
    {
        using var used = new NativeBlock<T>(block.Pointer, count, NotOwned.Instance);
        writer.Write(name, used);
        GC.KeepAlive(block);
    }

    private sealed class NotOwned : IDisposable
    {
        public static readonly NotOwned Instance = new();

        public void Dispose()
        {
        }
    }
}
