using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// What happened: parallel columns, one element per interaction. Rows refer to the tables of a <see cref="Dataset"/>.
/// A null column means: no such side (users, items), row i itself (contexts), weight 1, no time.
/// </summary>
internal sealed class Interactions
{
    /// <summary>Row of the user table, or null in a flat dataset.</summary>
    public NativeBlock<int>? Users { get; init; }

    /// <summary>Row of the item table, or null in a flat dataset.</summary>
    public NativeBlock<int>? Items { get; init; }

    /// <summary>Row of the context table; null when there is none, or when interaction i has context row i.</summary>
    public NativeBlock<int>? Contexts { get; init; }

    /// <summary>What is predicted: a rating, or 0/1 for a binary task (never −1).</summary>
    public required NativeBlock<float> Labels { get; init; }

    /// <summary>How much the example counts, &gt; 0; null means 1 each.</summary>
    public NativeBlock<float>? Weights { get; init; }

    /// <summary>When it happened, in the log's own unit (seconds since 1970 where the log has dates); null when unknown.</summary>
    public NativeBlock<long>? Times { get; init; }

    /// <summary>Number of interactions.</summary>
    public int Count => (int)Labels.Length;

    /// <summary>The interactions at <paramref name="rows"/>, in that order, copied.</summary>
    /// <param name="rows">0-based positions, in any order, repeats allowed.</param>
    /// <param name="implicitContexts">True when context row i belongs to interaction i, so that the copy needs the column spelt
    /// out.</param>
    internal Interactions Select(ReadOnlySpan<int> rows, bool implicitContexts = false) => new()
    {
        Users = Gather(Users, rows),
        Items = Gather(Items, rows),
        Contexts = implicitContexts ? new NativeBlock<int>(rows) : Gather(Contexts, rows),
        Labels = Gather(Labels, rows)!,
        Weights = Gather(Weights, rows),
        Times = Gather(Times, rows),
    };

    private static NativeBlock<T>? Gather<T>(NativeBlock<T>? column, ReadOnlySpan<int> rows)
        where T : unmanaged
    {
        if (column is null) { return null; }
        var result = new NativeBlock<T>((long)rows.Length);
        Span<T> source = column.Span, target = result.Span;
        for (int i = 0; i < rows.Length; i++) { target[i] = source[rows[i]]; }
        return result;
    }
}
