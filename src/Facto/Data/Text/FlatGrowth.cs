using System.Globalization;
using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>
/// Reads rows of numbered features into the fields of a model that shall go on learning: a number that the model knows stays the feature
/// that it was, whatever file comes next, and numbers that it does not know are appended to their field.
/// </summary>
internal static class FlatGrowth
{
    /// <summary>Renumbers the rows where that is needed.</summary>
    /// <param name="known">The model's fields.</param>
    /// <param name="parts">Rows with the files' numbers.</param>
    /// <param name="fieldColumns">The field number of each feature of each part; empty when the files have none.</param>
    /// <param name="groups">The field number of each feature, or null; instead of <paramref name="fieldColumns"/>.</param>
    /// <returns>The model's fields and what is new.</returns>
    /// <exception cref="FactoException">The model was not trained on numbered rows, or says less of fields than the rows do.</exception>
    public static FeatureSchema Extend(
        FeatureSchema known, IReadOnlyList<SparseRows> parts, IReadOnlyList<NativeBlock<int>> fieldColumns, int[]? groups)
    {
        bool withFields = fieldColumns.Count > 0 || groups is not null;
        int bound = parts.Max(p => p.FeatureBound());
        if (!withFields && known.Fields.All(f => f.Vocabulary is null))
        {
            // A number is its feature already; new ones stand behind all others, unless a weight for each would mostly stand for nothing.
            Field last = known.Fields[^1];
            if (parts.Any(IsHuge) || bound > Math.Max(1 << 20, 4L * (known.FeatureCount + parts.Sum(p => p.FeatureBlock.Length))))
            {
                return Renumber(known, parts, fieldColumns, groups, withFields);
            }

            return bound <= known.FeatureCount
                ? known
                : new FeatureSchema([.. known.Fields.SkipLast(1), last with { Count = bound - last.Offset }]);
        }

        return Renumber(known, parts, fieldColumns, groups, withFields);
    }

    // Numbers from 2³¹ on are negative until they are renumbered.
    private static bool IsHuge(SparseRows rows)
    {
        foreach (int feature in rows.FeatureBlock.Span)
        {
            if (feature < 0) { return true; }
        }

        return false;
    }

    private static FeatureSchema Renumber(
        FeatureSchema known, IReadOnlyList<SparseRows> parts, IReadOnlyList<NativeBlock<int>> fieldColumns, int[]? groups, bool withFields)
    {
        var fields = new Fields(known, withFields);
        for (int p = 0; p < parts.Count; p++)
        {
            Span<int> features = parts[p].FeatureBlock.Span;
            for (int i = 0; i < features.Length; i++) { fields.Meet(FieldOf(p, i, features[i]), features[i]); }
        }

        FeatureSchema schema = fields.Build();
        for (int p = 0; p < parts.Count; p++)
        {
            Span<int> features = parts[p].FeatureBlock.Span;
            for (int i = 0; i < features.Length; i++) { features[i] = fields.NumberOf(FieldOf(p, i, features[i]), features[i]); }
        }

        return schema;

        int FieldOf(int part, int position, int feature)
        {
            if (groups is null) { return fieldColumns.Count > 0 ? fieldColumns[part][position] : 0; }
            return (uint)feature < groups.Length ? groups[feature] : throw new FactoException(
                $"the group file has {groups.Length} lines, one per feature from 0, but the rows have feature {(uint)feature}: give the "
                    + $"one "
                    + "made with these rows");
        }
    }

    // Without field numbers all known features are looked up under 0, and new ones go to the last field.
    private sealed class Fields
    {
        private readonly FeatureSchema _known;
        private readonly bool _withFields;
        private readonly List<(int Number, Field Field, List<int> Members)> _fields = [];
        private readonly Dictionary<long, (int Field, int Local)> _where = [];
        private int[] _offsets = [];

        public Fields(FeatureSchema known, bool withFields)
        {
            (_known, _withFields) = (known, withFields);
            foreach (Field field in known.Fields) { Add(field); }
        }

        public void Meet(int field, int feature)
        {
            if (_where.ContainsKey(Key(field, feature))) { return; }
            int at = _withFields ? _fields.FindIndex(f => f.Number == field) : _fields.Count - 1;
            if (at < 0)
            {
                at = _fields.Count;
                var spec = new FieldSpec { Name = FlatFields.FieldName(field), Side = FieldSide.Context };
                _fields.Add((field, new Field { Spec = spec, Count = 0 }, []));
            }

            _where[Key(field, feature)] = (at, _fields[at].Members.Count);
            _fields[at].Members.Add(feature);
        }

        public FeatureSchema Build()
        {
            var schema = new FeatureSchema(_fields.Select(f => f.Field with
            {
                Count = f.Members.Count,
                Vocabulary = new Vocabulary(f.Members.Select(m => ((uint)m).ToString(CultureInfo.InvariantCulture))),
            }));
            _offsets = [.. schema.Fields.Select(f => f.Offset)];
            return schema;
        }

        public int NumberOf(int field, int feature)
        {
            (int at, int local) = _where[Key(field, feature)];
            return _offsets[at] + local;
        }

        private void Add(Field field)
        {
            int number = 0;
            string name = field.Spec.Name;
            if (_withFields && !(name.StartsWith("field", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(5), CultureInfo.InvariantCulture, out number)))
            {
                throw new FactoException($"the rows number their fields, and the model's field '{name}' has no number: go on with files "
                    + "like those that it learnt from");
            }

            var members = new List<int>(field.Count);
            for (int i = 0; i < field.Count; i++)
            {
                uint given = (uint)(field.Offset + i);
                if (field.Vocabulary is { } vocabulary && !uint.TryParse(
                    vocabulary[i], NumberStyles.None, CultureInfo.InvariantCulture, out given))
                {
                    throw new FactoException($"the model's field '{name}' has named values, so it was not trained on numbered text rows: "
                        + "go on in its project instead");
                }

                int feature = (int)given;
                if (!_where.TryAdd(Key(number, feature), (_fields.Count, i)))
                {
                    throw new FactoException($"the model has feature {given} in several fields, and the rows do not say which is "
                        + "meant: go on with libFFM files");
                }

                members.Add(feature);
            }

            _fields.Add((number, field, members));
        }

        private static long Key(int field, int feature) => ((long)field << 32) | (uint)feature;
    }
}
