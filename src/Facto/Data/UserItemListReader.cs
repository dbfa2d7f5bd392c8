using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Reads the list format of the public retrieval benchmarks (LightGCN): one line per user, the user's id and then the ids of the items
/// that the user chose, separated by blanks. Every file becomes a dataset of the same users and items, with label 1 for each pair.
/// </summary>
internal static class UserItemListReader
{
    /// <summary>
    /// Reads the files in order; ids get their numbers as they appear, so every file shares the users, items and schema of all.
    /// </summary>
    /// <param name="paths">The files, usually the training part first.</param>
    /// <returns>One dataset per file: a user field, an item field, no contexts.</returns>
    /// <exception cref="FactoException">A file is missing or has no pair at all.</exception>
    public static IReadOnlyList<Dataset> Read(params IReadOnlyList<string> paths)
    {
        var users = new IdNumbers();
        var items = new IdNumbers();
        var files = new List<(List<int> Users, List<int> Items)>();
        foreach (string path in paths)
        {
            if (!File.Exists(path))
            {
                throw new FactoException($"there is no file '{path}'; it should hold one line 'user item item …' per user");
            }
            files.Add(ReadFile(path, users, items));
        }

        Vocabulary userIds = new(users.Ids), itemIds = new(items.Ids);
        var schema = new FeatureSchema(
        [
            new Field { Spec = new FieldSpec { Name = "user", Side = FieldSide.User }, Count = userIds.Count, Vocabulary = userIds },
            new Field { Spec = new FieldSpec { Name = "item", Side = FieldSide.Item }, Count = itemIds.Count, Vocabulary = itemIds },
        ]);
        SparseRows userRows = OneHot(userIds.Count, 0), itemRows = OneHot(itemIds.Count, userIds.Count);
        return [.. files.Select(
            f => new Dataset(schema, Pairs(f.Users, f.Items), userRows, itemRows) { UserIds = userIds, ItemIds = itemIds })];
    }

    private static (List<int> Users, List<int> Items) ReadFile(string path, IdNumbers users, IdNumbers items)
    {
        List<int> userColumn = [], itemColumn = [];
        foreach (string line in File.ReadLines(path))
        {
            int user = -1;
            ReadOnlySpan<char> rest = line;
            for (ReadOnlySpan<char> id = NextToken(ref rest); id.Length > 0; id = NextToken(ref rest))
            {
                if (user < 0)
                {
                    user = users.NumberOf(id);
                    continue;
                }

                userColumn.Add(user);
                itemColumn.Add(items.NumberOf(id));
            }
        }

        return userColumn.Count > 0
            ? (userColumn, itemColumn)
            : throw new FactoException($"'{path}' holds no pair of a user and an item; each line should be 'user item item …'");
    }

    private static ReadOnlySpan<char> NextToken(ref ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart();
        int end = 0;
        while (end < rest.Length && !char.IsWhiteSpace(rest[end])) { end++; }
        ReadOnlySpan<char> token = rest[..end];
        rest = rest[end..];
        return token;
    }

    private static SparseRows OneHot(int rowCount, int firstFeature)
    {
        var features = new NativeBlock<int>((long)rowCount);
        for (int r = 0; r < rowCount; r++) { features[r] = firstFeature + r; }
        return new SparseRows(rowCount, null, features, null);
    }

    private static Interactions Pairs(List<int> users, List<int> items)
    {
        var labels = new NativeBlock<float>((long)users.Count);
        labels.Span.Fill(1);
        return new Interactions
        {
            Users = new NativeBlock<int>(users.ToArray()),
            Items = new NativeBlock<int>(items.ToArray()),
            Labels = labels
        };
    }

    private sealed class IdNumbers
    {
        private readonly Dictionary<string, int> _numbers = [];
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public IdNumbers() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

        public List<string> Ids { get; } = [];

        public int NumberOf(ReadOnlySpan<char> id)
        {
            if (_lookup.TryGetValue(id, out int number)) { return number; }
            string copy = id.ToString();
            _numbers.Add(copy, Ids.Count);
            Ids.Add(copy);
            return Ids.Count - 1;
        }
    }
}
