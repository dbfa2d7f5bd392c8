using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// A fixed run of unmanaged values, 64-byte aligned, that the garbage collector never moves: either memory of its own (zeroed) or a window
/// into a memory-mapped file. Memory of its own lies on the pinned object heap, so a <see cref="Span"/>, <see cref="Slice"/> or
/// <see cref="Ref"/> of it keeps it alive by itself. Two things do not: a raw <see cref="Pointer"/>, and a span of a mapped window. Whoever
/// takes one of those keeps the block reachable until the last access (a field of an object that is used again, a <c>using</c>, or
/// GC.KeepAlive), and hands none to a user of the library (docs/decisions/README.md, "Memory that a span may name").
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
internal sealed unsafe class NativeBlock<T> : IDisposable
    where T : unmanaged
{
    private const int LineBytes = 64;

    private T* _start;
    private CacheLine[]? _lines;             // null for a window
    private readonly IDisposable? _owner;    // the mapped file that a window belongs to, null when the memory is our own

    /// <summary>Allocates <paramref name="length"/> zeroed elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public NativeBlock(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        long bytes = checked(length * sizeof(T));
        // Whole cache lines and one more, so that a full vector may be loaded at the last element; one further for the alignment.
        long lines = (bytes / LineBytes) + 2;
        bool huge = lines * LineBytes >= (long)HugePages.Threshold;
        nuint alignment = huge ? HugePages.Size : LineBytes;
        _lines = GC.AllocateUninitializedArray<CacheLine>(checked((int)(lines + (long)(alignment / LineBytes))), pinned: true);
        nuint first = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_lines));
        _start = (T*)((first + alignment - 1) & ~(alignment - 1));
        if (huge) { HugePages.Advise(_start, (nuint)(lines * LineBytes)); }
        NativeMemory.Clear(_start, (nuint)(lines * LineBytes));
    }

    /// <summary>A copy of <paramref name="values"/> in memory of its own.</summary>
    public NativeBlock(ReadOnlySpan<T> values)
        : this((long)values.Length) => values.CopyTo(Span);

    /// <summary>A window into memory that lives as long as <paramref name="owner"/> does.</summary>
    internal NativeBlock(T* start, long length, IDisposable owner)
    {
        _start = start;
        Length = length;
        _owner = owner;
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>All elements. Blocks of more than 2³¹−1 elements are read through <see cref="Slice"/>.</summary>
    /// <exception cref="OverflowException">The block is longer than a span can be.</exception>
    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>True when the elements lie in a mapped file and must not be written.</summary>
    public bool IsMapped => _owner is not null;

    /// <summary>The first element: valid while the block is reachable, and not a moment longer.</summary>
    internal T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null && Length > 0, this);
            return _start;
        }
    }

    internal ref T Ref => ref Unsafe.AsRef<T>(Pointer);

    /// <summary>Reads or writes one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is outside the block.</exception>
    public ref T this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)index, (ulong)Length, nameof(index));
            return ref Pointer[index];
        }
    }

    /// <summary>Elements <paramref name="start"/> … <paramref name="start"/>+<paramref name="length"/>−1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the block.</exception>
    public Span<T> Slice(long start, int length)
    {
        if (start < 0 || length < 0 || start + length > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"{start}+{length} leaves a block of {Length} elements");
        }

        return new Span<T>(Pointer + start, length);
    }

    /// <summary>Copies every element to a block of the same length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void CopyTo(NativeBlock<T> destination)
    {
        if (destination.Length != Length)
        {
            throw new ArgumentException($"{Length} elements do not fit a block of {destination.Length}", nameof(destination));
        }

        Buffer.MemoryCopy(Pointer, destination.Pointer, destination.Length * sizeof(T), Length * sizeof(T));
        GC.KeepAlive(this);
        GC.KeepAlive(destination);
    }

    /// <summary>Lets go of the memory; the collector takes it when no span names it any more. A window lets go of its file.</summary>
    public void Dispose()
    {
        _start = null;
        _lines = null;
    }
}

/// <summary>What blocks are allocated in: the longest array of them is 128 GiB, of bytes it would be 2.</summary>
[InlineArray(8)]
internal struct CacheLine
{
    private ulong _first;
}
