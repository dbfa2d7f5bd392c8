using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// A growing run of unmanaged values for readers that do not know the length beforehand. Kernels write behind <see cref="Count"/> into
/// reserved room. Growing moves pages instead of copying them; the block at the end is a copy. Spans and pointers are valid until the list
/// grows or is let go.
/// </summary>
internal sealed unsafe class NativeList<T> : IDisposable
    where T : unmanaged
{
    private const int Slack = 64;   // bytes behind the last element, so that the block may be read in whole vectors

    private long _capacity;

    ~NativeList() => Free();

    public T* Pointer { get; private set; }

    /// <summary>Elements written; a kernel that wrote into reserved room sets it.</summary>
    public long Count { get; set; }

    public Span<T> Span => new(Pointer, checked((int)Count));

    /// <summary>Makes room for <paramref name="more"/> elements behind <see cref="Count"/>; the pointer may move.</summary>
    public void Reserve(long more)
    {
        long needed = Count + more;
        if (needed <= _capacity && Pointer is not null) { return; }
        _capacity = Math.Max(needed, _capacity + (_capacity / 2));
        Pointer = (T*)NativeMemory.AlignedRealloc(Pointer, checked(((nuint)_capacity * (nuint)sizeof(T)) + Slack), 64);
    }

    public void Add(T value)
    {
        Reserve(1);
        Pointer[Count++] = value;
    }

    /// <summary>Appends <paramref name="count"/> copies of <paramref name="value"/>.</summary>
    public void AddRepeated(T value, long count)
    {
        Reserve(count);
        for (long i = 0; i < count; i++) { Pointer[Count + i] = value; }
        Count += count;
    }

    /// <summary>The elements in a block of their own; the list is empty afterwards.</summary>
    public NativeBlock<T> ToBlock()
    {
        var block = new NativeBlock<T>(Count);
        Buffer.MemoryCopy(Pointer, block.Pointer, Count * sizeof(T), Count * sizeof(T));
        Free();
        Count = _capacity = 0;
        return block;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
