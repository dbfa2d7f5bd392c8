using System.Globalization;
using System.Text;
using System.Text.Json;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Tests.Retrieval;

public class StoreExportTests
{
    [Theory]
    [InlineData(StoreMetric.InnerProduct)]
    [InlineData(StoreMetric.Cosine)]
    public void A_store_that_ranks_exported_vectors_by_its_metric_ranks_as_the_exact_index_does(StoreMetric metric)
    {
        using RowMatrix items = RandomVectors.Normal(200, 6, 1), users = RandomVectors.Normal(10, 6, 2);
        for (int row = 0; row < 200; row++)
        {
            foreach (ref float value in items.Row(row)) { value *= 0.1f + (row % 7); }   // very uneven lengths
        }

        var vectors = new StoreVectors(new VectorTable(items, null), metric);
        using var stream = new MemoryStream();
        StoreExport.WriteJsonLines(vectors, stream);
        (int Id, float[] Vector)[] stored = [.. Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        Assert.Equal(200, stored.Length);
        var best = new Scored[20];
        var asked = new float[vectors.Dimension];
        for (int u = 0; u < 10; u++)
        {
            vectors.CopyUser(users.Row(u), asked);
            new ExactIndex(items).Search(users.Row(u), default, best);
            int[] ranked = [.. stored.OrderByDescending(s => Score(s.Vector, asked, metric)).Take(20).Select(s => s.Id)];
            Assert.Equal(best.Select(s => s.Index), ranked);
        }
    }

    [Fact]
    public void Cosine_on_vectors_of_uneven_length_is_refused_with_what_to_choose()
    {
        using RowMatrix items = RandomVectors.Normal(20, 6, 1);
        string message = Assert.Throws<FactoException>(() => new StoreVectors(new VectorTable(items, null), StoreMetric.CosineAsIs)).Message;
        Assert.Contains("would drop the items' own quality", message, StringComparison.Ordinal);
        for (int row = 0; row < 20; row++)
        {
            float norm = MathF.Sqrt(VectorOps.SumOfSquares(items.Row(row)));
            foreach (ref float value in items.Row(row)) { value /= norm; }
        }

        Assert.Equal(6, new StoreVectors(new VectorTable(items, null), StoreMetric.CosineAsIs).Dimension);
    }

    [Fact]
    public void A_vector_that_is_not_finite_is_refused_with_its_id()
    {
        using RowMatrix items = RandomVectors.Normal(20, 6, 1);
        items.Row(7)[0] = float.NaN;
        Assert.Contains("item '7'", Assert.Throws<FactoException>(() => new StoreVectors(new VectorTable(items, null), StoreMetric.InnerProduct)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_SQL_names_the_operator_that_matches_the_vectors()
    {
        using RowMatrix items = RandomVectors.Whole(2, 2, 1);
        string inner = Sql(StoreMetric.InnerProduct), cosine = Sql(StoreMetric.Cosine);
        Assert.Contains("vector(2)", inner, StringComparison.Ordinal);
        Assert.Contains("vector_ip_ops", inner, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\n0\t[{items.Row(0)[0]},{items.Row(0)[1]}]\n"), inner, StringComparison.Ordinal);
        Assert.Contains("vector(3)", cosine, StringComparison.Ordinal);
        Assert.Contains("vector_cosine_ops", cosine, StringComparison.Ordinal);
        Assert.Throws<FactoException>(() => StoreExport.WritePostgres(new StoreVectors(new VectorTable(items, null), StoreMetric.Cosine), "x; drop table y", new MemoryStream()));

        string Sql(StoreMetric metric)
        {
            using var stream = new MemoryStream();
            StoreExport.WritePostgres(new StoreVectors(new VectorTable(items, null), metric), "items", stream);
            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    private static (int Id, float[] Vector) Parse(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return (int.Parse(json.RootElement.GetProperty("id").GetString()!, CultureInfo.InvariantCulture), [.. json.RootElement.GetProperty("vector").EnumerateArray().Select(v => v.GetSingle())]);
    }

    private static double Score(float[] x, float[] q, StoreMetric metric)
    {
        double inner = Oracles.BruteForceSearch.Dot(x, q);
        return metric == StoreMetric.InnerProduct ? inner : inner / Math.Sqrt(Oracles.BruteForceSearch.Dot(x, x));
    }
}
