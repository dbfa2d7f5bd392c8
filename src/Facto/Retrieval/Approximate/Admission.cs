using System.Runtime.CompilerServices;

namespace Facto.Retrieval.Approximate;

/// <summary>Which slots a search may keep.</summary>
internal interface IAdmission
{
    /// <summary>True when every slot is admitted, so that nobody asks.</summary>
    static abstract bool IsOpen { get; }

    bool Admits(int slot);
}

/// <summary>Everything: no filter, nothing dead.</summary>
internal readonly struct OpenAdmission : IAdmission
{
    public static bool IsOpen => true;

    public bool Admits(int slot) => true;
}

/// <summary>Live slots whose item is allowed and whose slot is not barred (the denied items).</summary>
internal readonly unsafe ref struct FilteredAdmission(CodedItems stored, ReadOnlySpan<ulong> allowed, ulong* barred) : IAdmission
{
    private readonly ReadOnlySpan<ulong> _allowed = allowed;
    private readonly int* _items = stored.Items.Pointer;
    private readonly ulong* _dead = stored.Dead.Pointer;

    public static bool IsOpen => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Admits(int slot)
    {
        if (((_dead[slot >> 6] | barred[slot >> 6]) >> (slot & 63) & 1) != 0) { return false; }
        if (_allowed.IsEmpty) { return true; }
        int item = _items[slot];
        return (uint)(item >> 6) < (uint)_allowed.Length && (_allowed[item >> 6] >> (item & 63) & 1) != 0;
    }
}
