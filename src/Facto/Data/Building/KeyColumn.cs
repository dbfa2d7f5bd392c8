namespace Facto.Data.Building;

/// <summary>Reads one id of a row and gives its number.</summary>
internal abstract class KeyColumn<T>
{
    /// <summary>True when the row has no id: null, or a text of blanks.</summary>
    public abstract bool TextIsEmpty(T row);

    /// <summary>The number of the row's id, which is not empty.</summary>
    public abstract int NumberOf(T row, IdTable ids);

    /// <summary>The id's text.</summary>
    public abstract string TextOf(T row);
}

/// <summary>Ids of one type, spelt by the invariant culture. A value that was seen before is found by itself, without its text.</summary>
internal sealed class KeyColumn<T, TKey>(Func<T, TKey> key) : KeyColumn<T>
{
    private readonly Dictionary<Key, int> _numbers = [];
    private readonly TextBuffer _text = new();

    public override bool TextIsEmpty(T row) => key(row) is not { } value || (value is string text && string.IsNullOrWhiteSpace(text));

    public override int NumberOf(T row, IdTable ids)
    {
        TKey value = key(row);
        if (value is string text) { return ids.NumberOf(text); }
        if (_numbers.TryGetValue(new Key(value), out int number)) { return number; }
        number = ids.NumberOf(Spell(value));
        _numbers.Add(new Key(value), number);
        return number;
    }

    public override string TextOf(T row) => Spell(key(row)).ToString();

    private ReadOnlySpan<char> Spell(TKey value)
    {
        _text.Clear();
        _text.AppendValue(value);
        return _text.Text;
    }

    // Lets a type that may be null be a key.
    private readonly record struct Key(TKey Value);
}
