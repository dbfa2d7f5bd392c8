namespace Facto.Data;

/// <summary>The fields of a model in feature order: field 0 owns features 0 … Count₀−1, field 1 the next ones, and so on.</summary>
internal sealed class FeatureSchema
{
    private readonly Field[] _fields;

    /// <summary>Lays <paramref name="fields"/> out one after another; their offsets are set here.</summary>
    /// <exception cref="ArgumentException">Two fields have the same name.</exception>
    /// <exception cref="FactoException">There are more features than can be numbered.</exception>
    internal FeatureSchema(IEnumerable<Field> fields)
    {
        int offset = 0;
        var laidOut = new List<Field>();
        foreach (Field field in fields)
        {
            if (laidOut.Any(f => f.Spec.Name == field.Spec.Name))
            {
                throw new ArgumentException($"field '{field.Spec.Name}' occurs twice");
            }
            laidOut.Add(field with { Offset = offset });
            if (field.Count > int.MaxValue - offset)
            {
                throw new FactoException(
                    $"with field '{field.Spec.Name}' there are more than {int.MaxValue} features: hash into fewer, or raise minCount");
            }

            offset += field.Count;
        }

        _fields = [.. laidOut];
        FeatureCount = offset;
    }

    /// <summary>The fields in feature order.</summary>
    public IReadOnlyList<Field> Fields => _fields;

    /// <summary>Number of features, n.</summary>
    public int FeatureCount { get; }

    /// <summary>A schema of one unnamed context field: what a bare libFM file has.</summary>
    internal static FeatureSchema Flat(int featureCount) =>
        new([new Field { Spec = new FieldSpec { Name = "features", Side = FieldSide.Context }, Count = featureCount }]);

    /// <summary>The field called <paramref name="name"/>, or null.</summary>
    internal Field? Find(string name) => Array.Find(_fields, f => f.Spec.Name == name);

    /// <summary>The field of a side's ids: its first categorical field; null when there is none.</summary>
    internal Field? IdField(FieldSide side) => Array.Find(_fields, f => f.Spec.Side == side && f.Spec.Kind == FieldKind.Categorical);

    /// <summary>The position in <see cref="Fields"/> of the field that owns <paramref name="feature"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such feature.</exception>
    internal int FieldIndexOf(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)FeatureCount, nameof(feature));
        int low = 0, high = _fields.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_fields[middle].Offset <= feature) { low = middle; }
            else { high = middle - 1; }
        }

        // Empty fields share an offset with the next one: the owner is the last whose range contains the feature.
        while (feature >= _fields[low].Offset + _fields[low].Count) { low--; }
        return low;
    }

    /// <summary>A feature as a person reads it: "genre=Sci-Fi", "age=[25, 35)", "feature 17".</summary>
    public string Describe(int feature)
    {
        Field field = _fields[FieldIndexOf(feature)];
        int local = feature - field.Offset;
        string name = field.Spec.Name;
        if (field.Vocabulary is not null) { return $"{name}={field.Vocabulary[local]}"; }
        if (field.Edges is { } edges)
        {
            string low = local == 0 ? "-∞" : $"{edges[local - 1]:0.####}", high = local == edges.Length ? "∞" : $"{edges[local]:0.####}";
            return $"{name}=[{low}, {high})";
        }

        return field.Count == 1 ? name : $"{name} {local}";
    }
}
