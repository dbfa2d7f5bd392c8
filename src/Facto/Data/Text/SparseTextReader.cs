using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>Reads libFM, libSVM and libFFM text, plain or .gz, into flat datasets (one context row per example).</summary>
internal static class SparseTextReader
{
    /// <summary>Reads one file.</summary>
    /// <exception cref="FactoException">It cannot be read, or a line is wrong; the message names file, line and what was found.</exception>
    public static Dataset ReadFile(string path, SparseTextOptions? options = null, CancellationToken cancellation = default) =>
        Read([[path]], options, cancellation).Parts[0];

    /// <summary>Reads several parts (train, validation, test …), each of several files, over one schema: n covers the features of all parts.</summary>
    /// <param name="parts">The files of each part, read one after another.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellation">Stops between two pieces of a file.</param>
    /// <exception cref="FactoException">A file cannot be read, or a line is wrong; the message names file, line and what was found.</exception>
    public static SparseTextData Read(IReadOnlyList<IReadOnlyList<string>> parts, SparseTextOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new SparseTextOptions();
        options.Validate();
        using var parser = new SparseTextParser(options, cancellation);
        var read = new List<SparseTextRows>();
        try
        {
            foreach (IReadOnlyList<string> part in parts) { read.Add(parser.Read(part)); }
            bool withFields = read.Exists(r => r.HasFields);
            int featureCount = read.Count == 0 ? 0 : read.Max(r => r.MaxFeature) + 1;
            SparseRows[] rows = [.. read.Select(r => r.BuildRows())];
            NativeBlock<float>[] labels = [.. read.Select(r => Labels(r, options.PositiveFrom))];
            NativeBlock<int>[] fields = withFields ? [.. read.Select(r => r.Fields.ToBlock())] : [];
            long unknown = 0;
            FeatureSchema schema = options.Grow is { } older ? FlatGrowth.Extend(older, rows, fields, FlatFields.Groups(options.GroupsPath))
                : options.Schema is { } known ? FlatRows.MapInto(known, rows, fields, out unknown)
                : options.GroupsPath is { } groups ? FlatFields.FromGroups(groups, rows, featureCount)
                : withFields ? FlatFields.FromFieldColumns(rows, fields, featureCount)
                : FlatFields.Infer(rows, featureCount);
            foreach (NativeBlock<int> column in fields) { column.Dispose(); }
            return new SparseTextData([.. rows.Select((r, i) => new Dataset(schema, new Interactions { Labels = labels[i] }, contexts: r))])
            {
                Format = parser.Format ?? SparseTextFormat.LibFm,
                Bytes = parser.Bytes,
                BadLineCount = parser.BadLineCount,
                FirstBadLines = parser.FirstBadLines,
                UnknownFeatureCount = unknown,
            };
        }
        finally
        {
            foreach (SparseTextRows rows in read) { rows.Dispose(); }
        }
    }

    private static NativeBlock<float> Labels(SparseTextRows rows, float? positiveFrom)
    {
        if (positiveFrom is { } threshold)
        {
            foreach (ref float label in rows.Labels.Span) { label = label >= threshold ? 1f : 0f; }
        }

        return rows.Labels.ToBlock();
    }
}
