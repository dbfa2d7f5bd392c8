using System.Diagnostics;
using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Faiss;
using Facto.Retrieval.Graph;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval;

public class FaissIndexFileTests
{
    private const int Count = 300, Dimension = 9;

    [Theory]
    [InlineData((int)FaissLayout.Flat, false)]
    [InlineData((int)FaissLayout.Flat, true)]
    [InlineData((int)FaissLayout.Hnsw, true)]
    [InlineData((int)FaissLayout.IvfFlat, true)]
    [InlineData((int)FaissLayout.IvfSq8, true)]
    public void A_file_reads_back_what_was_written(int form, bool withIds)
    {
        var layout = (FaissLayout)form;
        using var folder = new TemporaryFolder();
        FaissIndexFile file = Make(layout, withIds);
        file.Save(folder.File("x.faiss"));
        FaissIndexFile read = FaissIndexFile.Read(folder.File("x.faiss"));
        Assert.Equal(layout, read.Layout);
        Assert.Equal(file.Ids, read.Ids);
        float tolerance = layout == FaissLayout.IvfSq8 ? 8f / 255 : 0;   // ranges of normal deviates are below 8
        for (int row = 0; row < Count; row++)
        {
            for (int d = 0; d < Dimension; d++) { Assert.Equal(file.Vectors.Row(row)[d], read.Vectors.Row(row)[d], tolerance); }
        }

        Assert.Equal(file.Lists?.Assignment, read.Lists?.Assignment);
        Assert.Equal(file.Graph?.Neighbours, read.Graph?.Neighbours);
    }

    [Theory]
    [InlineData((int)FaissLayout.Flat)]
    [InlineData((int)FaissLayout.Hnsw)]
    [InlineData((int)FaissLayout.IvfFlat)]
    [InlineData((int)FaissLayout.IvfSq8)]
    public void Faiss_loads_the_file_and_returns_the_same_neighbours(int form)
    {
        var layout = (FaissLayout)form;
        SkipWithoutFaiss();
        using var folder = new TemporaryFolder();
        FaissIndexFile file = Make(layout, withIds: true);
        file.Save(folder.File("x.faiss"));
        using RowMatrix queries = RandomVectors.Normal(20, Dimension, 5);
        // Everything is visited, so that only the format can make a difference.
        string printed = Python($"""
            import faiss, sys
            import numpy as np
            index = faiss.read_index(sys.argv[1])
            inner = faiss.downcast_index(index.index)
            if hasattr(inner, 'hnsw'): inner.hnsw.efSearch = {Count}
            if hasattr(inner, 'nprobe'): inner.nprobe = inner.nlist
            q = np.array([{string.Join(",", Enumerable.Range(0, 20).SelectMany(i => queries.Row(i).ToArray()).Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}], dtype='f4').reshape(20, -1)
            print(' '.join(str(i) for i in index.search(q, 10)[1].ravel()))
            """, folder.File("x.faiss"));
        long[] found =
            [.. printed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => long.Parse(s, CultureInfo.InvariantCulture))];
        FaissIndexFile read = FaissIndexFile.Read(folder.File("x.faiss"));
        var exact = new ExactIndex(read.Vectors);
        var best = new Scored[10];
        for (int q = 0; q < 20; q++)
        {
            exact.Search(queries.Row(q), default, best);
            Assert.Equal(best.Select(s => read.Ids![s.Index]), found[(q * 10)..((q * 10) + 10)]);
        }
    }

    [Fact]
    public void Facto_s_graph_is_loaded_by_Faiss_which_finds_the_exact_neighbours_through_its_links()
    {
        SkipWithoutFaiss();
        using var folder = new TemporaryFolder();
        var catalogue = new FmCatalogue(1500, 20, factors: 8);
        GraphIndex index = GraphIndex.Build(catalogue.Items, catalogue.Users);
        index.Delete(7);
        FaissExport.FromGraph(index, [.. Enumerable.Range(0, 1500).Select(row => 10_000L + row)]).Save(folder.File("g.faiss"));
        string printed = Python($"""
            import faiss, sys
            import numpy as np
            index = faiss.read_index(sys.argv[1])
            graph = faiss.downcast_index(index.index)
            assert index.ntotal == 1499 and index.metric_type == faiss.METRIC_INNER_PRODUCT and graph.hnsw.efSearch == 400, (index.ntotal, graph.hnsw.efSearch)
            graph.hnsw.efSearch = 1500
            q = np.array([{string.Join(",", Enumerable.Range(0, 20).SelectMany(u => catalogue.Users.Row(u).ToArray()).Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}], dtype='f4').reshape(20, -1)
            print(' '.join(str(i) for i in index.search(q, 10)[1].ravel()))
            """, folder.File("g.faiss"));
        long[] found =
            [.. printed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => long.Parse(s, CultureInfo.InvariantCulture))];
        var exact = new ExactIndex(catalogue.Items);
        var best = new Scored[10];
        for (int q = 0; q < 20; q++)
        {
            exact.Search(catalogue.Users.Row(q), new ItemFilter { Denied = [7] }, best);
            Assert.Equal(best.Select(s => 10_000L + s.Index), found[(q * 10)..((q * 10) + 10)]);
        }
    }

    [Fact]
    public void A_graph_with_rows_that_have_no_id_is_refused() => Assert.Contains(
        "there are 3 ids",
        Assert.Throws<FactoException>(() => FaissExport.FromGraph(GraphIndex.Build(RandomVectors.Normal(50, 5, 1)), [1, 2, 3])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Flat", (int)FaissLayout.Flat)]
    [InlineData("IDMap,Flat", (int)FaissLayout.Flat)]
    [InlineData("HNSW8,Flat", (int)FaissLayout.Hnsw)]
    [InlineData("IVF4,Flat", (int)FaissLayout.IvfFlat)]
    public void What_Faiss_wrote_is_read(string factory, int form)
    {
        var layout = (FaissLayout)form;
        SkipWithoutFaiss();
        using var folder = new TemporaryFolder();
        string printed = Python($"""
            import faiss, sys
            import numpy as np
            x = np.random.RandomState(3).randn(200, 7).astype('f4')
            index = faiss.index_factory(7, '{factory}', faiss.METRIC_INNER_PRODUCT)
            index.train(x)
            index.add_with_ids(x, np.arange(200) * 3) if 'IDMap' in '{factory}' else index.add(x)
            faiss.write_index(index, sys.argv[1])
            print(' '.join(repr(float(v)) for v in x.ravel()))
            """, folder.File("y.faiss"));
        float[] expected =
            [.. printed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => float.Parse(s, CultureInfo.InvariantCulture))];
        FaissIndexFile read = FaissIndexFile.Read(folder.File("y.faiss"));
        Assert.Equal(layout, read.Layout);
        Assert.Equal(expected, Enumerable.Range(0, 200).SelectMany(i => read.Vectors.Row(i).ToArray()));
        Assert.Equal(
            factory.StartsWith("IDMap", StringComparison.Ordinal) ? Enumerable.Range(0, 200).Select(i => 3L * i).ToArray() : null,
            read.Ids);
    }

    [Theory]
    [InlineData((int)FaissLayout.Flat)]
    [InlineData((int)FaissLayout.Hnsw)]
    [InlineData((int)FaissLayout.IvfFlat)]
    [InlineData((int)FaissLayout.IvfSq8)]
    public void Damage_gives_one_clear_error_or_other_floats_and_bounded_memory(int form)
    {
        var layout = (FaissLayout)form;
        using var folder = new TemporaryFolder();
        string path = folder.File("x.faiss");
        Make(layout, withIds: true).Save(path);
        byte[] good = File.ReadAllBytes(path);
        var random = new SeededRandom(9);
        int flips = 400 + CorruptionChecks.ManyFlips;
        for (int trial = 0; trial < flips + 200; trial++)
        {
            // Every byte of the first headers in turn, then anywhere; the last ones cut the file short.
            byte[] bytes = [.. trial < flips ? good : good[..random.NextInt(good.Length)]];
            if (trial < flips) { bytes[trial < 400 ? trial : random.NextInt(good.Length)] ^= (byte)(1 << random.NextInt(8)); }
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => FaissIndexFile.Read(path));
            Assert.True(error is InvalidDataException || (error is null && trial < flips), $"{trial}: {error}");
            if (error is not null) { Assert.Contains(path, error.Message, StringComparison.Ordinal); }
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (16 << 20), $"{trial}");
        }
    }

    [Fact]
    public void Another_metric_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.faiss");
        Make(FaissLayout.Flat, false).Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[4 + 4 + 8 + 16 + 1] = 1;   // the metric, after tag, dimension, count, two unused fields and the trained flag
        File.WriteAllBytes(path, bytes);
        Assert.Contains(
            "METRIC_INNER_PRODUCT", Assert.Throws<InvalidDataException>(() => FaissIndexFile.Read(path)).Message, StringComparison.Ordinal);
    }

    private static FaissIndexFile Make(FaissLayout layout, bool withIds)
    {
        RowMatrix vectors = RandomVectors.Normal(Count, Dimension, 4);
        return new FaissIndexFile(vectors, withIds ? [.. Enumerable.Range(0, Count).Select(i => 1000L + (7 * i))] : null)
        {
            Layout = layout,
            Graph = layout == FaissLayout.Hnsw ? FaissGraph.OneLevel(Links(vectors, 16), 16, 0) : null,
            Lists = layout is FaissLayout.IvfFlat or FaissLayout.IvfSq8 ? FaissLists.Train(vectors, 6) : null,
        };
    }

    // A ring keeps everything reachable; the other places go to the best by inner product.
    private static int[] Links(RowMatrix vectors, int stride)
    {
        var exact = new ExactIndex(vectors);
        var best = new Scored[stride - 2];
        var links = new List<int>();
        for (int row = 0; row < vectors.RowCount; row++)
        {
            exact.Search(vectors.Row(row), new ItemFilter { Denied = [row] }, best);
            links.AddRange([(row + 1) % vectors.RowCount, (row + vectors.RowCount - 1) % vectors.RowCount, .. best.Select(s => s.Index)]);
        }

        return [.. links];
    }

    private static void SkipWithoutFaiss() =>
        Assert.SkipUnless(
            HasFaiss.Value, "python3 with Faiss is not installed (Debian: apt-get install python3-faiss): Faiss itself cannot be asked");

    private static readonly Lazy<bool> HasFaiss =
        new(() => File.Exists("/usr/bin/python3") && Run("import faiss, numpy", []).ExitCode == 0);

    private static string Python(string program, params string[] arguments)
    {
        (int exitCode, string output, string error) = Run(program, arguments);
        Assert.True(exitCode == 0, error);
        return output.Trim();
    }

    private static (int ExitCode, string Output, string Error) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(
            "/usr/bin/python3", ["-c", program, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("PYTHONPATH");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
