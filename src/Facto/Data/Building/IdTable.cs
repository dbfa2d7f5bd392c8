namespace Facto.Data.Building;

/// <summary>Strings ↔ numbers in the order of their first appearance. A known id costs no allocation.</summary>
internal sealed class IdTable
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public IdTable() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public List<string> Ids { get; } = [];

    public bool Contains(string id) => _numbers.ContainsKey(id);

    public int NumberOf(string id)
    {
        if (_numbers.TryGetValue(id, out int number)) { return number; }
        return Append(id);
    }

    public int NumberOf(ReadOnlySpan<char> id) => _lookup.TryGetValue(id, out int number) ? number : Append(id.ToString());

    private int Append(string id)
    {
        int number = Ids.Count;
        _numbers.Add(id, number);
        Ids.Add(id);
        return number;
    }
}
