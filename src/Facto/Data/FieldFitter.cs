using System.Globalization;

namespace Facto.Data;

/// <summary>
/// Collects what the training examples hold of one field and makes the <see cref="Field"/>: vocabulary of values seen at least
/// <see cref="FieldSpec.MinCount"/> times (the most frequent first, so that their parameters lie together), bucket edges, mean and
/// deviation. Only what is added counts: nothing of validation or test may be.
/// </summary>
internal sealed class FieldFitter(FieldSpec spec)
{
    private readonly Dictionary<string, long> _counts = [];
    private readonly SortedDictionary<float, long> _numbers = [];
    private double _sum, _sumOfSquares;
    private long _weight;

    /// <summary>What is fitted.</summary>
    public FieldSpec Spec { get; } = spec;

    /// <summary>Adds the value (or separated values) of <paramref name="examples"/> training examples.</summary>
    public void Add(ReadOnlySpan<char> text, long examples = 1)
    {
        text = text.Trim();
        if (text.IsEmpty || examples == 0 || Spec.Kind == FieldKind.Hashed) { return; }
        if (Spec.Kind == FieldKind.Numeric)
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            {
                AddNumber(number, examples);
            }
        }
        else if (Spec.Kind is FieldKind.MultiCategorical or FieldKind.Bag && Spec.Separator.Length > 0)
        {
            foreach (Range part in text.Split(Spec.Separator)) { Count(text[part].Trim(), examples); }
        }
        else if (Spec.TimePart is { } part) { Count(TimeText.Format(text, part, stackalloc char[TimeText.MaxLength]), examples); }
        else { Count(text, examples); }
    }

    /// <summary>Adds one value as it stands, whatever separators it contains.</summary>
    public void AddOne(ReadOnlySpan<char> value, long examples = 1)
    {
        if (examples > 0) { Count(value.Trim(), examples); }
    }

    /// <summary>Adds an id, every character of which counts.</summary>
    internal void AddExact(ReadOnlySpan<char> id, long examples)
    {
        if (examples > 0) { Count(id, examples); }
    }

    /// <summary>The field; its offset is set by the schema.</summary>
    /// <exception cref="FactoException">The specification cannot be fitted.</exception>
    public Field Fit()
    {
        if (string.IsNullOrWhiteSpace(Spec.Name)) { throw new FactoException("a field has no name: give every field one"); }
        if (!Enum.IsDefined(Spec.Pooling))
        {
            throw new FactoException(
                $"field '{Spec.Name}' has the unknown pooling {Spec.Pooling}: use one of {string.Join(", ", Enum.GetNames<Pooling>())}");
        }

        if (Spec.Kind == FieldKind.Hashed)
        {
            return Spec.HashBuckets >= 1 ? new Field { Spec = Spec, Count = Spec.HashBuckets }
                : throw new FactoException($"field '{Spec.Name}' is hashed into {Spec.HashBuckets} features: set hashBuckets to 1 or more");
        }

        if (Spec.Kind == FieldKind.Numeric) { return FitNumeric(); }
        if (Spec.MinCount < 1) { throw new FactoException($"field '{Spec.Name}' has minCount {Spec.MinCount}: it must be 1 or more"); }
        if (Spec is { Kind: FieldKind.Bag, Tied: true }) { return new Field { Spec = Spec, Count = 0 }; }
        string[] kept = [
            .. _counts.Where(c => c.Value >= Spec.MinCount).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => c.Key)];
        return new Field { Spec = Spec, Count = kept.Length, Vocabulary = new Vocabulary(kept) };
    }

    private void Count(ReadOnlySpan<char> value, long examples)
    {
        if (value.IsEmpty) { return; }
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
        lookup.TryGetValue(value, out long before);
        lookup[value] = before + examples;
    }

    private void AddNumber(double number, long examples)
    {
        _sum += number * examples;
        _sumOfSquares += number * number * examples;
        _weight += examples;
        if (Spec.Buckets == 0) { return; }
        float key = (float)number;
        _numbers[key] = _numbers.GetValueOrDefault(key) + examples;
    }

    private Field FitNumeric()
    {
        if (Spec.Buckets is < 0 or 1)
        {
            throw new FactoException($"field '{Spec.Name}' has {Spec.Buckets} buckets: set 2 or more, or 0 for none");
        }
        if (Spec.Buckets > 0 && Spec.Standardize)
        {
            throw new FactoException($"field '{Spec.Name}' has buckets and standardize: choose one");
        }
        if (Spec.Buckets == 0)
        {
            double mean = _weight == 0
                ? 0
                : _sum / _weight, variance = _weight == 0 ? 0 : Math.Max(0, (_sumOfSquares / _weight) - (mean * mean));
            return new Field
            {
                Spec = Spec,
                Count = 1,
                Mean = mean,
                StandardDeviation = variance > 1e-12 * ((mean * mean) + 1e-30)
                ? Math.Sqrt(variance)
                : 1
            };
        }

        // An edge where the running count passes b/B of all: buckets of equal weight as far as equal values allow.
        var edges = new List<float>();
        long before = 0;
        int next = 1;
        foreach ((float value, long count) in _numbers)
        {
            if (before > 0 && before * Spec.Buckets >= next * _weight)
            {
                edges.Add(value);
                while (before * Spec.Buckets >= next * _weight) { next++; }
            }

            before += count;
        }

        return new Field { Spec = Spec, Count = edges.Count + 1, Edges = [.. edges] };
    }
}
