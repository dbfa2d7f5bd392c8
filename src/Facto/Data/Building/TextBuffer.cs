using System.Globalization;

namespace Facto.Data.Building;

/// <summary>
/// Text in the making: values of any type as the invariant culture spells them. Reused, it allocates nothing once it has grown.
/// </summary>
internal sealed class TextBuffer
{
    private char[] _chars = new char[64];
    private int _count;

    public ReadOnlySpan<char> Text => _chars.AsSpan(0, _count);

    public void Clear() => _count = 0;

    public void Append(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_chars.AsSpan(_count));
        _count += text.Length;
    }

    public void Append(char c) => Append([c]);

    /// <summary>Appends a value; null appends nothing.</summary>
    public void AppendValue<TValue>(TValue value)
    {
        // The test of the type goes away when TValue is a value type, and the call is made without boxing.
        if (value is ISpanFormattable)
        {
            int written;
            while (!((ISpanFormattable)value).TryFormat(_chars.AsSpan(_count), out written, default, CultureInfo.InvariantCulture))
            {
                Reserve(_chars.Length);
            }

            _count += written;
        }
        else { Append(value as string ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture) ?? value?.ToString()); }
    }

    private void Reserve(int more)
    {
        if (_count + more > _chars.Length) { Array.Resize(ref _chars, Math.Max(_count + more, 2 * _chars.Length)); }
    }
}
