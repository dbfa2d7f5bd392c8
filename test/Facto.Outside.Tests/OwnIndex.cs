using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Outside.Tests;

/// <summary>An index as somebody else would write one: every item compared, in double, and a file of its own form.</summary>
internal sealed class OwnIndex : IApproximateIndex
{
    private const uint Magic = 0x4e574f31;

    private readonly float[][] _items;

    private OwnIndex(float[][] items, int dimension) => (_items, Dimension) = (items, dimension);

    public static int Searches { get; private set; }

    public int Count => _items.Length;

    public int Dimension { get; }

    public static OwnIndex Build(IndexSource source)
    {
        var items = new float[source.Items.RowCount][];
        for (int row = 0; row < items.Length; row++)
        {
            items[row] = new float[source.Items.ColumnCount];
            source.Items.CopyRow(row, items[row]);
        }

        return new OwnIndex(items, source.Items.ColumnCount);
    }

    public static OwnIndex Open(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        if (reader.ReadUInt32() != Magic) { throw new InvalidDataException($"{path}: not an index of our own"); }
        var items = new float[reader.ReadInt32()][];
        int dimension = reader.ReadInt32();
        for (int row = 0; row < items.Length; row++)
        {
            items[row] = new float[dimension];
            for (int d = 0; d < dimension; d++) { items[row][d] = reader.ReadSingle(); }
        }

        return new OwnIndex(items, dimension);
    }

    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(Magic);
        writer.Write(Count);
        writer.Write(Dimension);
        foreach (float[] item in _items) { Array.ForEach(item, writer.Write); }
    }

    public bool TrySetEffort(int level) => level == 0;

    public double SearchCost(int wanted, double admitted) => 0.01;

    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        Searches++;
        var all = new List<Scored>();
        for (int item = 0; item < Count; item++)
        {
            if (!filter.Admits(item)) { continue; }
            double score = 0;
            for (int d = 0; d < Dimension; d++) { score += (double)query[d] * _items[item][d]; }
            all.Add(new Scored(item, (float)score));
        }

        all.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
        int found = Math.Min(best.Length, all.Count);
        all.GetRange(0, found).ToArray().CopyTo(best);
        return found;
    }
}
