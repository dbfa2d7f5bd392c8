using System.Globalization;
using System.Runtime.InteropServices;
using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>Says what was read of a flat file, column by column, so that a misunderstanding is seen before anything is learnt.</summary>
internal static class FlatStatement
{
    private const int ShownLabels = 6, ShownFields = 12;

    /// <summary>The numbers of features as the file has them; asked before they are renumbered.</summary>
    public static string Numbers(IReadOnlyList<SparseTextRows> read)
    {
        long lowest = long.MaxValue, highest = -1;
        foreach (SparseTextRows rows in read)
        {
            uint least = uint.MaxValue;
            foreach (int feature in rows.Features.Span)
            {
                if ((uint)feature < least) { least = (uint)feature; }
            }

            if (rows.Features.Count > 0) { lowest = Math.Min(lowest, least); }
            highest = Math.Max(highest, rows.MaxFeature);
        }

        return highest < 0 ? "no features" : Text($"features {lowest} to {highest}{(lowest == 1 ? " (numbered from 1)" : string.Empty)}");
    }

    public static IReadOnlyList<string> Of(
        SparseTextFormat format, FeatureSchema schema, SparseRows[] rows, NativeBlock<float>[] labels,
            IReadOnlyList<SparseTextRows> read, string numbers)
    {
        string name = format == SparseTextFormat.LibFfm ? "LIBFFM (field:feature:value)" : "libFM or libSVM (feature:value)";
        long count = rows.Sum(r => (long)r.RowCount), entries = rows.Sum(r => r.FeatureBlock.Length);
        var lines = new List<string> { Text(
            $"{name}: {string.Join(" + ", rows.Select(r => r.RowCount.ToString(CultureInfo.InvariantCulture)))} rows") };
        lines.Add(read.All(r => r.HasLabels) ? Labels(labels) : "labels: none");
        bool renumbered = schema.Fields.Any(f => f.Vocabulary is not null);
        string values = rows.All(r => r.IsBinary) ? "all of value 1" : "with values";
        string apart = renumbered ? ", far apart or shared by fields and so renumbered" : string.Empty;
        lines.Add(Text($"{numbers}, {(count == 0 ? 0 : (double)entries / count):0.#} a row, {values}{apart}"));
        if (schema.Fields.Count > 1)
        {
            string more = schema.Fields.Count > ShownFields ? $" and {schema.Fields.Count - ShownFields} more" : string.Empty;
            string shown = string.Join(", ", schema.Fields.Take(ShownFields).Select(f => Text($"{f.Spec.Name} ({f.Count})")));
            lines.Add(Text($"{schema.Fields.Count} fields: {shown}{more}"));
        }
        else { lines.Add("one field: features do not stand in ranges of their own, and there is no group file"); }

        long queries = read.Sum(r => r.QueryCount);
        if (queries > 0) { lines.Add(Text($"{queries} query ids (qid) were passed over")); }
        return lines;
    }

    // Every label of the file passes here, so the few different ones are looked for and counted by whole vectors of bits.
    private static string Labels(NativeBlock<float>[] labels)
    {
        Span<int> distinct = stackalloc int[ShownLabels];
        int count = 0;
        foreach (NativeBlock<float> part in labels)
        {
            ReadOnlySpan<int> rest = MemoryMarshal.Cast<float, int>(part.Span);
            for (int at; (at = rest.IndexOfAnyExcept(distinct[..count])) >= 0; rest = rest[at..])
            {
                if (count == ShownLabels) { return Range(labels); }
                distinct[count++] = rest[at];
            }
        }

        if (count == 0) { return "labels: none"; }
        var rows = new SortedDictionary<float, long>();
        foreach (int bits in distinct[..count])
        {
            float label = BitConverter.Int32BitsToSingle(bits);
            rows[label] = rows.GetValueOrDefault(label) + labels.Sum(p => (long)MemoryMarshal.Cast<float, int>(p.Span).Count(bits));
        }

        return $"labels: {string.Join(", ", rows.Select(r => Text($"{r.Key} ({r.Value} rows)")))}";
    }

    private static string Range(NativeBlock<float>[] labels)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (NativeBlock<float> part in labels)
        {
            foreach (float label in part.Span)
            {
                if (label < low) { low = label; }
                if (label > high) { high = label; }
            }
        }

        return Text($"labels: from {low} to {high}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
