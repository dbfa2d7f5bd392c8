using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// A fixed run of unmanaged values, 64-byte aligned, that the garbage collector never moves: either memory of its own
/// (zeroed) or a window into a memory-mapped file. Kernels take a <see cref="Ref"/> or a <see cref="Span"/> from it.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class NativeBlock<T> : IDisposable
    where T : unmanaged
{
    private const nuint Alignment = 64;

    private T* _start;
    private readonly IDisposable? _owner;   // the mapped file that the window belongs to, null when the memory is our own

    /// <summary>Allocates <paramref name="length"/> zeroed elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public NativeBlock(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        // Rounded up to whole cache lines, so that a full vector may be loaded at the last element.
        nuint rounded = (bytes + Alignment + Alignment - 1) & ~(Alignment - 1);
        bool huge = rounded >= HugePages.Threshold;
        _start = (T*)NativeMemory.AlignedAlloc(rounded, huge ? HugePages.Size : Alignment);
        if (huge) { HugePages.Advise(_start, rounded); }
        NativeMemory.Clear(_start, rounded);
        if (bytes > 1 << 20) { GC.AddMemoryPressure((long)bytes); }
    }

    /// <summary>A copy of <paramref name="values"/> in memory of its own.</summary>
    public NativeBlock(ReadOnlySpan<T> values)
        : this((long)values.Length) => values.CopyTo(Span);

    internal NativeBlock(T* start, long length, IDisposable owner)
    {
        _start = start;
        Length = length;
        _owner = owner;
    }

    // Takes over memory from NativeMemory.AlignedAlloc that is at least one cache line longer than the elements.
    private NativeBlock(T* start, long length)
    {
        _start = start;
        Length = length;
        if (length * sizeof(T) > 1 << 20) { GC.AddMemoryPressure(length * sizeof(T)); }
    }

    internal static NativeBlock<T> Adopt(T* start, long length) => new(start, length);

    /// <summary>Frees the memory when nobody disposed of the block.</summary>
    ~NativeBlock() => Release();

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>All elements. Blocks of more than 2³¹−1 elements are read through <see cref="Slice"/>.</summary>
    /// <exception cref="OverflowException">The block is longer than a span can be.</exception>
    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>True when the elements lie in a mapped file and must not be written.</summary>
    public bool IsMapped => _owner is not null;

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
        if (destination.Length != Length) { throw new ArgumentException($"{Length} elements do not fit a block of {destination.Length}", nameof(destination)); }
        Buffer.MemoryCopy(Pointer, destination.Pointer, destination.Length * sizeof(T), Length * sizeof(T));
    }

    /// <summary>Frees the memory now. A window into a file only lets go of the file.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_start is null) { return; }
        if (_owner is null)
        {
            NativeMemory.AlignedFree(_start);
            long bytes = Length * sizeof(T);
            if (bytes > 1 << 20) { GC.RemoveMemoryPressure(bytes); }
        }

        _start = null;
    }
}
