using DuckDB.NET.Data;
using Facto.Data;

namespace Facto.Import;

/// <summary>Writes vectors for others as Parquet: a column id and a column vector (list of floats).</summary>
internal static class ParquetVectors
{
    /// <summary>Writes <paramref name="table"/>, whole or not at all.</summary>
    /// <exception cref="FactoException">The file cannot be written.</exception>
    public static void Write(VectorTable table, string path, CancellationToken cancellation = default)
    {
        path = Path.GetFullPath(path);
        try
        {
            using var file = new DurableFile(path);
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            Execute(connection, $"CREATE TABLE vectors (id VARCHAR, vector FLOAT[{table.Dimension}])");
            using (DuckDBAppender appender = connection.CreateAppender("vectors"))
            {
                for (int r = 0; r < table.Count; r++)
                {
                    if ((r & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
                    appender.CreateRow().AppendValue(table.Id(r)).AppendValue(table.Vectors.Row(r).ToArray()).EndRow();
                }
            }

            string target = Sql.Literal(file.TemporaryPath);
            Execute(connection, $"COPY (SELECT id, vector::FLOAT[] AS vector FROM vectors) TO {target} (FORMAT parquet, COMPRESSION zstd)");
            file.Commit();
            GC.KeepAlive(table);
        }
        catch (Exception e) when (e is DuckDBException or IOException or UnauthorizedAccessException)
        {
            throw new FactoException($"{path}: cannot be written: {e.Message.Split('\n')[0]}", e);
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
