using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Raw access to a dataset's examples for kernels: gathers the user's, the item's and the context's features of an example into the
/// caller's memory. Every row number and feature is checked once here, so that kernels need not. Holds the dataset's memory alive.
/// </summary>
internal sealed unsafe class ExampleReader
{
    private readonly Part[] _parts;

    public ExampleReader(Dataset data)
    {
        Data = data;
        var parts = new List<Part>(3);
        Add(data.Users, data.Interactions.Users);
        Add(data.Items, data.Interactions.Items);
        Add(data.Contexts, data.Interactions.Contexts);
        _parts = [.. parts];

        void Add(SparseRows? table, NativeBlock<int>? rows)
        {
            if (table is null) { return; }
            RequireInside(rows, table.RowCount, "rows of a table");
            RequireInside(table.FeatureBlock, data.Schema.FeatureCount, "features");
            parts.Add(new Part(table, rows));
            MaxWidth += table.MaxWidth();
            IsBinary &= table.IsBinary;
            FixedWidth = FixedWidth < 0 || table.FixedWidth < 0 ? -1 : FixedWidth + table.FixedWidth;
        }
    }

    public Dataset Data { get; }

    /// <summary>Most features that an example can have.</summary>
    public int MaxWidth { get; private set; }

    /// <summary>Features of every example when all have as many, otherwise −1.</summary>
    public int FixedWidth { get; private set; }

    /// <summary>True when every value is 1.</summary>
    public bool IsBinary { get; private set; } = true;

    /// <summary>Writes the features of <paramref name="example"/> and, unless null, their values; returns how many there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Gather(int example, int* features, float* values)
    {
        int count = 0;
        foreach (ref readonly Part part in _parts.AsSpan())
        {
            int row = part.RowOf is null ? example : part.RowOf[example];
            long start = part.Offsets is null ? (long)row * part.FixedWidth : part.Offsets[row];
            int width = part.Offsets is null ? part.FixedWidth : (int)(part.Offsets[row + 1] - start);
            int* source = part.Features + start;
            for (int i = 0; i < width; i++) { features[count + i] = source[i]; }
            for (int i = 0; values is not null && i < width; i++) { values[count + i] = part.Values is null ? 1f : part.Values[start + i]; }
            count += width;
        }

        return count;
    }

    private static void RequireInside(NativeBlock<int>? numbers, int bound, string what)
    {
        for (long start = 0; numbers is not null && start < numbers.Length; start += 1 << 24)
        {
            foreach (int number in numbers.Slice(start, (int)Math.Min(1 << 24, numbers.Length - start)))
            {
                if ((uint)number >= (uint)bound)
                {
                    throw new ArgumentException($"the dataset refers to number {number} of {bound} {what}");
                }
            }
        }
    }

    private readonly struct Part(SparseRows table, NativeBlock<int>? rows)
    {
        public readonly int* RowOf = rows is null ? null : rows.Pointer;
        public readonly long* Offsets = table.Offsets is null ? null : table.Offsets.Pointer;
        public readonly int* Features = table.FeatureBlock.Pointer;
        public readonly float* Values = table.ValueBlock is null ? null : table.ValueBlock.Pointer;
        public readonly int FixedWidth = table.FixedWidth;
    }
}
