using DuckDB.NET.Data;
using Facto.Data;
using Facto.Import;
using Facto.Numerics;

namespace Facto.Tests.Import;

public class ParquetVectorsTests
{
    [Fact]
    public void Vectors_come_back_from_parquet_with_their_ids()
    {
        using var folder = new TemporaryFolder();
        var vectors = new RowMatrix(3, 5);
        for (int r = 0; r < 3; r++)
        {
            for (int c = 0; c < 5; c++) { vectors.Row(r)[c] = (r * 10) + (c / 4f); }
        }

        ParquetVectors.Write(
            new VectorTable(vectors, new Vocabulary(["a", "b'c", "é"])), folder.File("x/v.parquet"), TestContext.Current.CancellationToken);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT id, vector FROM '{folder.File("x/v.parquet")}'";
        using DuckDBDataReader reader = command.ExecuteReader();
        var ids = new List<string>();
        while (reader.Read())
        {
            Assert.Equal(vectors.Row(ids.Count).ToArray(), reader.GetFieldValue<List<float>>(1));
            ids.Add(reader.GetString(0));
        }

        Assert.Equal(["a", "b'c", "é"], ids);
        Assert.Single(Directory.GetFiles(folder.File("x")));
    }
}
