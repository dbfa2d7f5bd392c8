using System.Globalization;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>What an experiment learns from and is judged on, all over the same users and items.</summary>
/// <param name="Train">Positive training pairs.</param>
/// <param name="Test">Held-out pairs.</param>
/// <param name="Mask">Pairs that may not be recommended; usually <paramref name="Train"/>.</param>
internal sealed record IcdData(Dataset Train, Dataset Test, Dataset Mask)
{
    /// <summary>LightGCN's list files train.txt and test.txt.</summary>
    public static IcdData Lists(string folder)
    {
        IReadOnlyList<Dataset> parts = UserItemListReader.Read(Path.Combine(folder, "train.txt"), Path.Combine(folder, "test.txt"));
        return new IcdData(parts[0], parts[1], parts[0]);
    }

    /// <summary>user,movie,rating files: ratings ≥ 4 are positive, every rated training movie is masked.</summary>
    public static IcdData MovieLensPositives(string folder)
    {
        var users = new Numbers();
        var items = new Numbers();
        List<(int U, int T, float Rating)> train = Read("split42.train.csv"), test = Read("split42.test.csv");
        var table = new TableBuilder(users, items);
        return new IcdData(table.Build(train.Where(r => r.Rating >= 4)), table.Build(test.Where(r => r.Rating >= 4)), table.Build(train));

        List<(int U, int T, float Rating)> Read(string name) =>
        [
            .. File.ReadLines(Path.Combine(folder, name)).Select(line => line.Split(','))
                .Where(f => float.TryParse(f[2], CultureInfo.InvariantCulture, out _))
                .Select(f => (users.Of(f[0]), items.Of(f[1]), float.Parse(f[2], CultureInfo.InvariantCulture))),
        ];
    }

    /// <summary>
    /// Frappe as CFM and ENSFM split it: "user-context-…,item-cost" per line. A row of the user table is a user in a context, so that what
    /// is masked for a query is what the same user chose in the same context.
    /// </summary>
    public static IcdData Frappe(string folder)
    {
        string[][] train = Read("train.csv"), test = Read("test.csv");
        var rows = new Numbers();
        var items = new Numbers();
        var positions = new List<Numbers>();
        var users = new List<int[]>();
        foreach (string[] line in train.Concat(test))
        {
            if (rows.Of(line[0]) == users.Count) { users.Add([.. line[0].Split('-').Select((v, i) => Position(i).Of(v))]); }
            _ = items.Of(line[1]);
        }

        var costs = new Numbers();
        int[][] itemValues = [.. items.Values.Select((v, i) => new[] { i, costs.Of(v.Split('-')[1]) })];
        string[] names = ["user", "daytime", "weekday", "weekend", "homework", "weather", "country", "city"];
        var fields = names[..positions.Count].Select((n, i) => Field(n, FieldSide.User, positions[i].Count)).ToList();
        fields.Add(Field("item", FieldSide.Item, items.Count));
        fields.Add(Field("cost", FieldSide.Item, costs.Count));
        var schema = new FeatureSchema(fields);
        SparseRows left = Rows(users, [.. schema.Fields.Take(positions.Count)]),
            right = Rows(itemValues, [.. schema.Fields.Skip(positions.Count)]);
        Dataset first = Pairs(train), second = Pairs(test);
        return new IcdData(first, second, first);

        Numbers Position(int i)
        {
            if (i == positions.Count) { positions.Add(new Numbers()); }
            return positions[i];
        }

        Dataset Pairs(string[][] lines) =>
            new(schema, Interactions([.. lines.Select(l => (rows.Of(l[0]), items.Of(l[1]), 1f))]), left, right);

        string[][] Read(string name) =>
            [.. File.ReadLines(Path.Combine(folder, name)).Where(l => l.Length > 0).Select(l => l.Trim().Split(','))];
    }

    /// <summary>Keeps a tenth of each user's training pairs for validation; nothing of the test part remains.</summary>
    public IcdData HoldOut(double share, ulong seed)
    {
        var random = new SeededRandom(seed);
        List<int> keep = [], held = [];
        for (int i = 0; i < Train.Count; i++) { (random.NextDouble() < share ? held : keep).Add(i); }
        Dataset train = Train.Select([.. keep]);
        return new IcdData(train, Train.Select([.. held]), train);
    }

    /// <summary>
    /// Adds the bag of each user's training items to the user table, tied to the items' own vectors (SVD++ with one table, SimpleX):
    /// <paramref name="weight"/>/√n each, or <paramref name="weight"/>/√(n·users of the item), which is one step of LightGCN's propagation.
    /// </summary>
    public IcdData WithHistory(float weight, bool byPopularity)
    {
        int first = Train.Items![0].Features[0];
        int[] users = Train.Interactions.Users!.Span.ToArray(), items = Train.Interactions.Items!.Span.ToArray();
        ILookup<int, int> chosen = Enumerable.Range(0, Train.Count).ToLookup(i => users[i], i => items[i]);
        int[] popularity = new int[Train.Items.RowCount];
        foreach (int item in items) { popularity[item]++; }
        var rows = new SparseRowsBuilder();
        for (int u = 0; u < Train.Users!.RowCount; u++)
        {
            SparseRow own = Train.Users[u];
            for (int i = 0; i < own.Count; i++) { rows.Add(own.Features[i], own.Value(i)); }
            int n = chosen[u].Count();
            foreach (int item in chosen[u])
            {
                rows.Add(first + item, weight / MathF.Sqrt((float)n * (byPopularity ? popularity[item] : 1)));
            }
            rows.EndRow();
        }

        SparseRows table = rows.Build();
        return new IcdData(With(Train), With(Test), With(Mask));

        Dataset With(Dataset data) =>
            new(data.Schema, data.Interactions, table, data.Items, data.Contexts) { UserIds = data.UserIds, ItemIds = data.ItemIds };
    }

    internal static Field Field(string name, FieldSide side, int count) =>
        new() { Spec = new FieldSpec { Name = name, Side = side }, Count = count };

    internal static SparseRows Rows(IReadOnlyList<int[]> values, Field[] fields)
    {
        var rows = new SparseRowsBuilder();
        foreach (int[] row in values)
        {
            for (int f = 0; f < row.Length; f++) { rows.Add(fields[f].Offset + row[f]); }
            rows.EndRow();
        }

        return rows.Build();
    }

    internal static Interactions Interactions(IReadOnlyList<(int U, int T, float Label)> pairs) => new()
    {
        Users = new NativeBlock<int>([.. pairs.Select(p => p.U)]),
        Items = new NativeBlock<int>([.. pairs.Select(p => p.T)]),
        Labels = new NativeBlock<float>([.. pairs.Select(p => p.Label)]),
    };

    private sealed class TableBuilder(Numbers users, Numbers items)
    {
        private readonly FeatureSchema _schema =
            new([Field("user", FieldSide.User, users.Count), Field("item", FieldSide.Item, items.Count)]);
        private readonly SparseRows _users = new(users.Count, null, new NativeBlock<int>([.. Enumerable.Range(0, users.Count)]), null);
        private readonly SparseRows _items =
            new(items.Count, null, new NativeBlock<int>([.. Enumerable.Range(users.Count, items.Count)]), null);

        public Dataset Build(IEnumerable<(int U, int T, float Rating)> pairs) =>
            new(_schema, IcdData.Interactions([.. pairs.Select(p => (p.U, p.T, 1f))]), _users, _items);
    }

    /// <summary>Strings → 0, 1, 2 … as they appear.</summary>
    internal sealed class Numbers
    {
        private readonly Dictionary<string, int> _numbers = [];

        public int Count => Values.Count;

        public List<string> Values { get; } = [];

        public int Of(string value)
        {
            if (_numbers.TryAdd(value, Values.Count)) { Values.Add(value); }
            return _numbers[value];
        }
    }
}
