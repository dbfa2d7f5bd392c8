using System.Globalization;
using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>
/// Which feature belongs to which field, for files of numbered features. A schema wants each field's features side by side: where the file
/// has them so the numbers stay as they are, otherwise features are renumbered and the fields' vocabularies keep the file's numbers.
/// </summary>
internal static class FlatFields
{
    /// <summary>
    /// One field for everything, or one per position when every row has one feature of value 1 in each of several ascending, disjoint
    /// ranges.
    /// </summary>
    public static FeatureSchema Infer(IReadOnlyList<SparseRows> parts, int featureCount)
    {
        SparseRows[] filled = [.. parts.Where(p => p.RowCount > 0)];
        int width = filled.Length == 0 ? 0 : filled[0].FixedWidth;
        if (width < 2 || filled.Any(p => p.FixedWidth != width || !p.IsBinary)) { return FeatureSchema.Flat(featureCount); }
        int[] lowest = new int[width], highest = new int[width];
        Array.Fill(lowest, int.MaxValue);
        foreach (SparseRows part in filled) { Widen(lowest, highest, part.FeatureBlock); }
        for (int f = 1; f < width; f++)
        {
            if (highest[f - 1] >= lowest[f]) { return FeatureSchema.Flat(featureCount); }
        }

        return FromStarts([0, .. lowest[1..]], Enumerable.Range(0, width), featureCount);
    }

    /// <summary>
    /// Fields of libFM's group file: line i is the field of feature i. Renumbers the rows' features when a field's are not side by side.
    /// </summary>
    public static FeatureSchema FromGroups(string path, int[] groups, IReadOnlyList<SparseRows> parts, int featureCount)
    {
        if (groups.Length < featureCount)
        {
            throw new FactoException(
                $"{path}: it has {groups.Length} lines, one per feature from 0, but the rows have feature {featureCount - 1}: give the "
                    + $"group file that was made with these rows");
        }

        var fields = new SortedDictionary<int, List<int>>();
        for (int i = 0; i < groups.Length; i++)
        {
            if (!fields.TryGetValue(groups[i], out List<int>? members)) { fields.Add(groups[i], members = []); }
            members.Add(i);
        }

        bool sideBySide = true;
        for (int i = 1; i < groups.Length; i++) { sideBySide &= groups[i] >= groups[i - 1]; }
        if (sideBySide) { return FromStarts([.. fields.Values.Select(m => m[0])], fields.Keys, groups.Length); }

        int[] numbers = new int[groups.Length];
        int next = 0;
        foreach (int feature in fields.Values.SelectMany(m => m)) { numbers[feature] = next++; }
        foreach (SparseRows part in parts)
        {
            foreach (ref int feature in part.FeatureBlock.Span) { feature = numbers[feature]; }
        }

        return new FeatureSchema(fields.Select(f => Named(f.Key, f.Value.Count) with { Vocabulary = Numbers(f.Value) }));
    }

    /// <summary>Fields of a libFFM file. A feature that stands under two fields becomes two features.</summary>
    public static FeatureSchema FromFieldColumns(
        IReadOnlyList<SparseRows> parts, IReadOnlyList<NativeBlock<int>> fieldColumns, int featureCount)
    {
        var ranges = new SortedDictionary<int, (int Low, int High)>();
        for (int p = 0; p < parts.Count; p++) { Widen(ranges, fieldColumns[p], parts[p].FeatureBlock); }
        if (ranges.Count == 0) { return FeatureSchema.Flat(featureCount); }
        int previous = -1;
        bool sideBySide = true;
        foreach ((int low, int high) in ranges.Values)
        {
            sideBySide &= low > previous;
            previous = high;
        }

        if (sideBySide) { return FromStarts([0, .. ranges.Values.Skip(1).Select(r => r.Low)], ranges.Keys, featureCount); }
        return Renumber(parts, fieldColumns);
    }

    /// <summary>
    /// Fields of rows whose numbers lie too far apart for a weight at each (hashed features): features are renumbered in their order, and
    /// the fields' vocabularies keep the file's numbers.
    /// </summary>
    public static FeatureSchema FromSparseNumbers(IReadOnlyList<SparseRows> parts, IReadOnlyList<NativeBlock<int>> fieldColumns)
    {
        if (fieldColumns.Count > 0) { return Renumber(parts, fieldColumns); }
        var distinct = new HashSet<uint>();
        foreach (SparseRows part in parts)
        {
            foreach (int feature in part.FeatureBlock.Span) { distinct.Add((uint)feature); }
        }

        uint[] ordered = [.. distinct.Order()];
        var numbers = new Dictionary<uint, int>(ordered.Length);
        for (int i = 0; i < ordered.Length; i++) { numbers.Add(ordered[i], i); }
        foreach (SparseRows part in parts)
        {
            foreach (ref int feature in part.FeatureBlock.Span) { feature = numbers[(uint)feature]; }
        }

        FeatureSchema schema = Infer(parts, ordered.Length);
        return new FeatureSchema(schema.Fields.Select(f => f with
        {
            Vocabulary = new Vocabulary(ordered.Skip(f.Offset).Take(f.Count).Select(n => n.ToString(CultureInfo.InvariantCulture))),
        }));
    }

    private static FeatureSchema Renumber(IReadOnlyList<SparseRows> parts, IReadOnlyList<NativeBlock<int>> fieldColumns)
    {
        var numbers = new Dictionary<long, int>();
        for (int p = 0; p < parts.Count; p++)
        {
            Span<int> features = parts[p].FeatureBlock.Span, fields = fieldColumns[p].Span;
            for (int i = 0; i < features.Length; i++) { numbers.TryAdd(((long)fields[i] << 32) | (uint)features[i], 0); }
        }

        long[] ordered = [.. numbers.Keys.Order()];
        for (int i = 0; i < ordered.Length; i++) { numbers[ordered[i]] = i; }
        for (int p = 0; p < parts.Count; p++)
        {
            Span<int> features = parts[p].FeatureBlock.Span, fields = fieldColumns[p].Span;
            for (int i = 0; i < features.Length; i++) { features[i] = numbers[((long)fields[i] << 32) | (uint)features[i]]; }
        }

        return new FeatureSchema(ordered.GroupBy(k => (int)(k >> 32)).Select(g =>
        {
            uint[] members = [.. g.Select(k => (uint)k)];
            return Named(
                g.Key, members.Length) with
            { Vocabulary = new Vocabulary(members.Select(m => m.ToString(CultureInfo.InvariantCulture))) };
        }));
    }

    // One pass over all features of a table of equal rows. It runs once, so the tiers of the JIT would only cost.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Widen(int[] lowest, int[] highest, NativeBlock<int> features)
    {
        int* p = features.Pointer, end = p + features.Length;
        fixed (int* low = lowest, high = highest)
        {
            while (p < end)
            {
                for (int f = 0; f < lowest.Length; f++)
                {
                    int feature = *p++;
                    if (feature < low[f]) { low[f] = feature; }
                    if (feature > high[f]) { high[f] = feature; }
                }
            }
        }

        GC.KeepAlive(features);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(
        SortedDictionary<int, (int Low, int High)> ranges, NativeBlock<int> fieldColumn, NativeBlock<int> featureColumn)
    {
        // Dense arrays for the usual small field numbers: this pass runs over every feature of the file.
        const int dense = 4096;
        int[] low = new int[dense], high = new int[dense];
        Array.Fill(low, int.MaxValue);
        Array.Fill(high, -1);
        Span<int> fields = fieldColumn.Span, features = featureColumn.Span;
        for (int i = 0; i < fields.Length; i++)
        {
            int field = fields[i], feature = features[i];
            if ((uint)field < dense)
            {
                low[field] = Math.Min(low[field], feature);
                high[field] = Math.Max(high[field], feature);
                continue;
            }

            (int Low, int High) range = ranges.GetValueOrDefault(field, (int.MaxValue, -1));
            ranges[field] = (Math.Min(range.Low, feature), Math.Max(range.High, feature));
        }

        for (int field = 0; field < dense; field++)
        {
            if (high[field] < 0) { continue; }
            (int Low, int High) range = ranges.GetValueOrDefault(field, (int.MaxValue, -1));
            ranges[field] = (Math.Min(range.Low, low[field]), Math.Max(range.High, high[field]));
        }
    }

    private static FeatureSchema FromStarts(int[] starts, IEnumerable<int> names, int featureCount) =>
        new(names.Select((name, f) => Named(name, (f + 1 < starts.Length ? starts[f + 1] : featureCount) - starts[f])));

    internal static string FieldName(int number) => $"field{number.ToString(CultureInfo.InvariantCulture)}";

    private static Field Named(int number, int count) => new()
    {
        Spec = new FieldSpec { Name = FieldName(number), Side = FieldSide.Context },
        Count = count,
    };

    private static Vocabulary Numbers(IEnumerable<int> members) => new(members.Select(m => m.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The field of each feature from 0; null without a group file.</summary>
    /// <param name="path">The group file, or null.</param>
    /// <param name="zeroBased">Whether its first line is feature 0; null: unless the rows have none and would have one line too
    /// few.</param>
    /// <param name="parts">Rows with the files' numbers.</param>
    internal static int[]? Groups(string? path, bool? zeroBased, IReadOnlyList<SparseRows> parts)
    {
        if (path is null) { return null; }
        int[] groups = ReadGroups(path);
        bool fromZero = zeroBased ?? !(groups.Length > 0 && parts.Max(p => p.FeatureBound()) == groups.Length + 1
            && parts.All(p => !p.FeatureBlock.Span.Contains(0)));
        // Where the files number from 1 nothing has the number 0: it may stand in any field.
        return fromZero || groups.Length == 0 ? groups : [groups[0], .. groups];
    }

    private static int[] ReadGroups(string path)
    {
        var groups = new List<int>();
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                string text = line.Trim();
                if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int group))
                {
                    throw new FactoException(
                        $"{path}:{groups.Count + 1}: expected the field number of feature {groups.Count}, a whole number from 0; found "
                            + $"'{text}'");
                }

                groups.Add(group);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FactoException($"{path}: cannot be read: {e.Message}", e);
        }

        return [.. groups];
    }
}
