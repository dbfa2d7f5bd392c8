namespace Facto.Data;

/// <summary>A value that a field does not know.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Value">What was given.</param>
public readonly record struct UnknownValue(string Field, string Value);

/// <summary>
/// One sparse row in the making. Reused (<see cref="Clear"/>), it allocates nothing once it has grown to the longest row.
/// </summary>
internal sealed class FeatureBuffer
{
    private readonly List<UnknownValue> _unknown = [];
    private int[] _features = new int[32];
    private float[] _values = new float[32];
    private bool _allOnes = true;

    /// <summary>Features so far.</summary>
    public int Count { get; private set; }

    /// <summary>The row; it changes with the buffer.</summary>
    public SparseRow Row => new(_features.AsSpan(0, Count), _allOnes ? default : _values.AsSpan(0, Count));

    /// <summary>Values that no feature stands for; they contribute nothing.</summary>
    public IReadOnlyList<UnknownValue> Unknown => _unknown;

    /// <summary>Starts a new row.</summary>
    public void Clear()
    {
        Count = 0;
        _allOnes = true;
        _unknown.Clear();
    }

    /// <summary>Adds the features of another row behind this one's.</summary>
    public void Add(SparseRow row)
    {
        for (int i = 0; i < row.Count; i++) { Add(row.Features[i], row.Value(i)); }
    }

    internal void Add(int feature, float value)
    {
        if (Count == _features.Length)
        {
            Array.Resize(ref _features, Count * 2);
            Array.Resize(ref _values, Count * 2);
        }

        _features[Count] = feature;
        _values[Count++] = value;
        _allOnes &= value == 1f;
    }

    internal void AddUnknown(string field, ReadOnlySpan<char> value) => _unknown.Add(new UnknownValue(field, value.ToString()));

    internal int PositionOf(int feature, int from)
    {
        int at = _features.AsSpan(from, Count - from).IndexOf(feature);
        return at < 0 ? -1 : from + at;
    }

    internal void Increase(int position, float by) => _values[position] += by;

    /// <summary>Multiplies the values from a position on.</summary>
    internal void Scale(int from, float factor)
    {
        for (int i = from; i < Count; i++)
        {
            _values[i] *= factor;
            _allOnes &= _values[i] == 1f;
        }
    }

    internal void CopyTo(SparseRowsBuilder rows)
    {
        rows.AddRow(Row);
        Clear();
    }
}
