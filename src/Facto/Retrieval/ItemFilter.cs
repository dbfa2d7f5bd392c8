using System.Numerics;

namespace Facto.Retrieval;

/// <summary>
/// Which items a search may return: those whose bit is set in <see cref="Allowed"/> (all when it is empty), except the rows in
/// <see cref="Denied"/> (a short sorted list such as a user's seen items). <c>default</c> allows everything.
/// </summary>
public readonly ref struct ItemFilter
{
    /// <summary>Bit i%64 of word i/64 allows item i; empty allows all.</summary>
    public ReadOnlySpan<ulong> Allowed { get; init; }

    /// <summary>Ascending item rows that are excluded whatever <see cref="Allowed"/> says.</summary>
    public ReadOnlySpan<int> Denied { get; init; }

    /// <summary>True when everything is allowed.</summary>
    public bool IsEmpty => Allowed.IsEmpty && Denied.IsEmpty;

    /// <summary>Whether <paramref name="item"/> may be returned.</summary>
    public bool Admits(int item) =>
        (Allowed.IsEmpty || (Allowed[item >> 6] >> (item & 63) & 1) != 0) && Denied.BinarySearch(item) < 0;

    /// <summary>Number of admissible items among <paramref name="count"/>.</summary>
    public int CountAdmitted(int count)
    {
        int admitted = count;
        if (!Allowed.IsEmpty)
        {
            admitted = 0;
            foreach (ulong word in Allowed) { admitted += BitOperations.PopCount(word); }
        }

        foreach (int item in Denied)
        {
            if (item < count && (Allowed.IsEmpty || (Allowed[item >> 6] >> (item & 63) & 1) != 0)) { admitted--; }
        }

        return admitted;
    }
}
