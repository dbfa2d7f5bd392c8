namespace Facto.Data.Building;

/// <summary>Reads the id of one row at a time and gives its number. It belongs to one reading: another one takes a fresh column.</summary>
internal abstract class KeyColumn<T>
{
    /// <summary>The same column with nothing read: numbers are those of one table of ids.</summary>
    public abstract KeyColumn<T> Fresh();

    /// <summary>Reads a row's id; false when it has none: null, or a text of blanks.</summary>
    public abstract bool Read(T row);

    /// <summary>The number of the id just read.</summary>
    public abstract int NumberIn(IdTable ids);

    /// <summary>The text of the id just read.</summary>
    public abstract string Text { get; }
}

/// <summary>Ids of one type, spelt by the invariant culture. A value that was seen before is found by itself, without its text.</summary>
internal sealed class KeyColumn<T, TKey>(Func<T, TKey> key) : KeyColumn<T>
{
    private readonly Dictionary<Key, int> _numbers = [];
    private readonly TextBuffer _spelt = new();
    private TKey? _value;
    private int _known;   // number of a value that was seen before, or −1

    public override string Text => _value is string text ? text : _spelt.Text.ToString();

    public override KeyColumn<T> Fresh() => new KeyColumn<T, TKey>(key);

    public override bool Read(T row)
    {
        TKey value = key(row);
        (_value, _known) = (value, -1);
        if (value is null) { return false; }
        if (value is string text) { return !string.IsNullOrWhiteSpace(text); }
        if (_numbers.TryGetValue(new Key(value), out int number))
        {
            _known = number;
            return true;
        }

        _spelt.Clear();
        _spelt.AppendValue(value);
        return !_spelt.Text.IsWhiteSpace();
    }

    public override int NumberIn(IdTable ids)
    {
        if (_value is string text) { return ids.NumberOf(text); }
        if (_known >= 0) { return _known; }
        int number = ids.NumberOf(_spelt.Text);
        _numbers.Add(new Key(_value!), number);
        return number;
    }

    // Lets a type that may be null be a key.
    private readonly record struct Key(TKey Value);
}
