using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>
/// Reads libFM, libSVM, LIBFFM and Vowpal Wabbit text, compressed or not, or from standard input ("-"), into flat datasets (one context row
/// per example).
/// </summary>
internal static class SparseTextReader
{
    /// <summary>Reads one file.</summary>
    /// <exception cref="FactoException">It cannot be read, or a line is wrong; the message names file, line and what was found.</exception>
    public static Dataset ReadFile(string path, SparseTextOptions? options = null, CancellationToken cancellation = default) =>
        Read([[path]], options, cancellation).Parts[0];

    /// <summary>
    /// Reads several parts (train, validation, test …), each of several files, over one schema: n covers the features of all parts.
    /// </summary>
    /// <param name="parts">The files of each part, read one after another.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellation">Stops between two pieces of a file.</param>
    /// <exception cref="FactoException">A file cannot be read, or a line is wrong; the message names file, line and what was
    /// found.</exception>
    public static SparseTextData Read(
        IReadOnlyList<IReadOnlyList<string>> parts, SparseTextOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new SparseTextOptions();
        options.Validate();
        if (VowpalText.IsWritten(parts, options)) { return VowpalText.Read(parts, options, cancellation); }
        using var parser = new SparseTextParser(options, cancellation);
        var read = new List<SparseTextRows>();
        try
        {
            foreach (IReadOnlyList<string> part in parts) { read.Add(parser.Read(part)); }
            bool withFields = read.Exists(r => r.HasFields);
            long numbers = read.Count == 0 ? 0 : read.Max(r => r.MaxFeature) + 1, found = read.Sum(r => r.Features.Count);
            string statedNumbers = FlatStatement.Numbers(read);
            SparseRows[] rows = [.. read.Select(r => r.BuildRows())];
            NativeBlock<float>[] labels = [.. read.Select(r => Labels(r, options.PositiveFrom))];
            // To predict, labels that are none of the task's are only not measured.
            bool measured = read.TrueForAll(r => r.HasLabels)
                && !(options is { BinaryLabels: true, PositiveFrom: null, LabelsOptional: true } && !BinaryLabels.Fit(labels));
            if (measured && options is { BinaryLabels: true, PositiveFrom: null })
            {
                BinaryLabels.Normalise(
                    labels, parts.SelectMany(p => p).FirstOrDefault() ?? "the rows", from =>
                    FormattableString.Invariant($"--positive-from {from}"), learning: options.Schema is null);
            }

            NativeBlock<int>[] fields = withFields ? [.. read.Select(r => r.Fields.ToBlock())] : [];
            long unknown = 0;
            int[]? groups = FlatFields.Groups(options.GroupsPath, options.ZeroBased, rows);
            FeatureSchema schema = options.Grow is { } older ? FlatGrowth.Extend(older, rows, fields, groups)
                : options.Schema is { } known ? FlatRows.MapInto(known, rows, fields, out unknown)
                : IsFarApart(numbers, found) && groups is null ? FlatFields.FromSparseNumbers(rows, fields)
                : numbers > Array.MaxLength ? throw TooMany(numbers)
                : groups is not null ? FlatFields.FromGroups(options.GroupsPath!, groups, rows, (int)numbers)
                : withFields ? FlatFields.FromFieldColumns(rows, fields, (int)numbers)
                : FlatFields.Infer(rows, (int)numbers);
            foreach (NativeBlock<int> column in fields) { column.Dispose(); }
            return new SparseTextData([.. rows.Select((r, i) => new Dataset(schema, new Interactions { Labels = labels[i] }, contexts: r))])
            {
                Format = parser.Format ?? SparseTextFormat.LibFm,
                Bytes = parser.Bytes,
                BadLineCount = parser.BadLineCount,
                FirstBadLines = parser.FirstBadLines,
                UnknownFeatureCount = unknown,
                HasLabels = measured,
                Statement = FlatStatement.Of(parser.Format ?? SparseTextFormat.LibFm, schema, rows, labels, read, statedNumbers),
            };
        }
        finally
        {
            foreach (SparseTextRows rows in read) { rows.Dispose(); }
        }
    }

    // A weight and factors for every number up to the largest would mostly stand for nothing.
    private static bool IsFarApart(long numbers, long found) => numbers > 1 << 20 && numbers > 4 * found;

    private static FactoException TooMany(long numbers) =>
        new($"a row has feature {numbers - 1}, and fields by group need a line for each: leave the groups out");

    private static NativeBlock<float> Labels(SparseTextRows rows, float? positiveFrom)
    {
        if (positiveFrom is { } threshold)
        {
            foreach (ref float label in rows.Labels.Span) { label = label >= threshold ? 1f : 0f; }
        }

        return rows.Labels.ToBlock();
    }
}
