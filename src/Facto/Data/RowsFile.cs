using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// A table of sparse rows as sections of a Facto file: name.features, and name.offsets and name.values where it has them.
/// </summary>
internal static class RowsFile
{
    public static void Write(ArtefactWriter writer, string name, SparseRows? rows)
    {
        if (rows is null) { return; }
        writer.Write($"{name}.features", rows.FeatureBlock);
        if (rows.Offsets is { } offsets) { writer.Write($"{name}.offsets", offsets); }
        if (rows.ValueBlock is { } values) { writer.Write($"{name}.values", values); }
    }

    public static SparseRows Read(ArtefactReader reader, string name, int rowCount, int featureCount, bool verify)
    {
        if (rowCount < 0) { throw reader.Damaged($"'{name}' cannot have {rowCount} rows"); }
        NativeBlock<int> features = reader.Block<int>($"{name}.features");
        NativeBlock<long>? offsets = reader.Has($"{name}.offsets") ? reader.Block<long>($"{name}.offsets", rowCount + 1L) : null;
        NativeBlock<float>? values = reader.Has($"{name}.values") ? reader.Block<float>($"{name}.values", features.Length) : null;
        SparseRows rows;
        try
        {
            rows = new SparseRows(rowCount, offsets, features, values);
        }
        catch (ArgumentException e)
        {
            throw reader.Damaged($"the rows of '{name}' are not whole: {e.Message}");
        }

        if (!verify) { return rows; }
        for (int r = 0; offsets is not null && r < rowCount; r++)
        {
            if (offsets[r + 1] < offsets[r]) { throw reader.Damaged($"the offsets of '{name}' are not ascending"); }
        }

        for (long start = 0; start < features.Length; start += 1 << 24)
        {
            foreach (int feature in features.Slice(start, (int)Math.Min(1 << 24, features.Length - start)))
            {
                if ((uint)feature >= (uint)featureCount)
                {
                    throw reader.Damaged($"'{name}' has feature {feature}, the schema {featureCount} features");
                }
            }
        }

        return rows;
    }
}
