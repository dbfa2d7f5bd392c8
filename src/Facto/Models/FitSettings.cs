using System.Text;

namespace Facto;

/// <summary>What a model was learnt with, in the order in which it matters, and why what was not given was chosen.</summary>
public sealed class FitSettings
{
    private readonly KeyValuePair<string, string>[] _values;

    internal FitSettings(IEnumerable<KeyValuePair<string, string>> values, IReadOnlyList<string> reasons)
    {
        _values = [.. values];
        Reasons = reasons;
    }

    /// <summary>Setting by name: "task", "solver", "factors" ….</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Values => _values;

    /// <summary>One sentence for each choice that the data decided.</summary>
    public IReadOnlyList<string> Reasons { get; }

    /// <summary>The value of a setting.</summary>
    /// <exception cref="FactoException">There is no such setting.</exception>
    public string this[string name]
    {
        get
        {
            int at = Array.FindIndex(_values, v => v.Key == name);
            return at >= 0
                ? _values[at].Value
                : throw new FactoException($"there is no setting '{name}', only {string.Join(", ", _values.Select(v => v.Key))}");
        }
    }

    /// <summary>A table of names and values, then the reasons.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int width = _values.Max(v => v.Key.Length);
        foreach ((string name, string value) in _values) { text.Append(name.PadRight(width)).Append("  ").AppendLine(value); }
        return text.AppendJoin(Environment.NewLine, Reasons).ToString();
    }
}
