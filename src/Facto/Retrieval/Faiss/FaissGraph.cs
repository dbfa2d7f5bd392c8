namespace Facto.Retrieval.Faiss;

/// <summary>The graph of a Faiss IndexHNSW: every vector has some levels, each with a fixed number of places for neighbours.</summary>
internal sealed class FaissGraph
{
    /// <summary>How likely a vector gets each level; Faiss needs it only to add further vectors.</summary>
    public required double[] LevelProbabilities { get; init; }

    /// <summary>Places for neighbours below each level: 0, then 2M, then M more per level.</summary>
    public required int[] CumulativePlaces { get; init; }

    /// <summary>Number of levels of each vector, ≥ 1.</summary>
    public required int[] Levels { get; init; }

    /// <summary>Where each vector's places begin in <see cref="Neighbours"/>; one more than there are vectors.</summary>
    public required long[] Offsets { get; init; }

    /// <summary>Neighbours, −1 in empty places.</summary>
    public required int[] Neighbours { get; init; }

    /// <summary>Where a search begins; −1 when there are no vectors.</summary>
    public required int EntryPoint { get; init; }

    /// <summary>Highest level, from 0.</summary>
    public required int MaxLevel { get; init; }

    /// <summary>Breadth of a search for neighbours when vectors are added.</summary>
    public int EfConstruction { get; init; } = 40;

    /// <summary>Breadth of a search.</summary>
    public int EfSearch { get; init; } = 64;

    /// <summary>A graph of one level.</summary>
    /// <param name="links">For each vector, <paramref name="stride"/> neighbours, −1 in empty places, which come last.</param>
    /// <param name="stride">Places per vector, even, ≥ 2: Faiss's 2M.</param>
    /// <param name="entryPoint">Where a search begins.</param>
    public static FaissGraph OneLevel(ReadOnlySpan<int> links, int stride, int entryPoint)
    {
        if (stride < 2 || stride % 2 != 0 || links.Length % stride != 0)
        {
            throw new ArgumentException($"{links.Length} links do not make rows of {stride}; the row length must be even");
        }
        int count = links.Length / stride;
        var levels = new int[count];
        Array.Fill(levels, 1);
        var offsets = new long[count + 1];
        for (int i = 0; i <= count; i++) { offsets[i] = (long)i * stride; }
        return new FaissGraph
        {
            LevelProbabilities = [1],
            CumulativePlaces = [0, stride],
            Levels = levels,
            Offsets = offsets,
            Neighbours = links.ToArray(),
            EntryPoint = count == 0 ? -1 : entryPoint,
            MaxLevel = count == 0 ? -1 : 0,
        };
    }

    internal static FaissGraph Read(FaissReader reader, int count)
    {
        var graph = new FaissGraph
        {
            LevelProbabilities = reader.Vector<double>("the level probabilities"),
            CumulativePlaces = reader.Vector<int>("the places per level"),
            Levels = reader.Vector<int>("the levels", count),
            Offsets = reader.Vector<long>("the offsets", count + 1L),
            Neighbours = reader.Vector<int>("the neighbours"),
            EntryPoint = reader.Value<int>(),
            MaxLevel = reader.Value<int>(),
            EfConstruction = reader.Value<int>(),
            EfSearch = reader.Value<int>(),
        };
        reader.Value<int>();   // a field that Faiss no longer uses
        graph.Check(reader, count);
        return graph;
    }

    internal void Write(FaissWriter writer)
    {
        writer.Vector<double>(LevelProbabilities);
        writer.Vector<int>(CumulativePlaces);
        writer.Vector<int>(Levels);
        writer.Vector<long>(Offsets);
        writer.Vector<int>(Neighbours);
        writer.Value(EntryPoint);
        writer.Value(MaxLevel);
        writer.Value(EfConstruction);
        writer.Value(EfSearch);
        writer.Value(1);
    }

    private void Check(FaissReader reader, int count)
    {
        if (count == 0) { return; }
        if ((uint)EntryPoint >= (uint)count) { throw reader.Damaged($"its graph begins at vector {EntryPoint} of {count}"); }
        for (int i = 0; i < count; i++)
        {
            if (Levels[i] < 1 || Levels[i] >= CumulativePlaces.Length || Offsets[i + 1] - Offsets[i] != CumulativePlaces[Levels[i]]
                || Offsets[i] < 0)
            {
                throw reader.Damaged($"vector {i} has {Levels[i]} levels and {Offsets[i + 1] - Offsets[i]} places for neighbours");
            }
        }

        if (Offsets[0] != 0 || Offsets[count] != Neighbours.Length)
        {
            throw reader.Damaged($"its graph has {Neighbours.Length} places, its offsets say {Offsets[count]}");
        }
        foreach (int neighbour in Neighbours)
        {
            if (neighbour < -1 || neighbour >= count) { throw reader.Damaged($"its graph names vector {neighbour} of {count}"); }
        }
    }
}
