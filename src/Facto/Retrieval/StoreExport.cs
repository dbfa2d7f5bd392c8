using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Facto.Retrieval;

/// <summary>Writes <see cref="StoreVectors"/> in forms that vector stores load.</summary>
public static class StoreExport
{
    /// <summary>One JSON object per line: {"id": "…", "vector": [ … ]} (Qdrant, Redis, Elasticsearch and most bulk loaders).</summary>
    public static void WriteJsonLines(StoreVectors vectors, Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
        var vector = new float[vectors.Dimension];
        for (int row = 0; row < vectors.Count; row++)
        {
            vectors.CopyItem(row, vector);
            writer.WriteStartObject();
            writer.WriteString("id", vectors.Id(row));
            writer.WriteStartArray("vector");
            foreach (float value in vector) { writer.WriteNumberValue(value); }
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.WriteByte((byte)'\n');
        }
    }

    /// <summary>SQL for PostgreSQL with pgvector: the table, its rows through COPY, and an index of the matching operator class.</summary>
    /// <param name="vectors">What to write.</param>
    /// <param name="table">Name of the table: letters, digits and underscores, not beginning with a digit.</param>
    /// <param name="stream">Where to; run it with psql.</param>
    /// <exception cref="FactoException">The name is no plain SQL name, or pgvector cannot index vectors of this length.</exception>
    public static void WritePostgres(StoreVectors vectors, string table, Stream stream)
    {
        if (table.Length is 0 or > 63 || char.IsAsciiDigit(table[0]) || !table.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new FactoException($"'{table}' is no plain table name; use up to 63 letters, digits and underscores, not beginning with a digit");
        }

        if (vectors.Dimension > 2000) { throw new FactoException($"pgvector indexes vectors of at most 2000 coordinates, these have {vectors.Dimension}; export JSON lines for another store"); }
        (string operators, string order) = vectors.Metric == StoreMetric.InnerProduct ? ("vector_ip_ops", "<#>") : ("vector_cosine_ops", "<=>");
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine($"-- Nearest first: SELECT id FROM {table} ORDER BY embedding {order} $1 LIMIT n;");
        writer.WriteLine("CREATE EXTENSION IF NOT EXISTS vector;");
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE {table} (id text PRIMARY KEY, embedding vector({vectors.Dimension}) NOT NULL);"));
        writer.WriteLine($"COPY {table} (id, embedding) FROM stdin;");
        var vector = new float[vectors.Dimension];
        for (int row = 0; row < vectors.Count; row++)
        {
            vectors.CopyItem(row, vector);
            writer.Write(vectors.Id(row).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal));
            writer.Write("\t[");
            for (int d = 0; d < vector.Length; d++)
            {
                if (d > 0) { writer.Write(','); }
                writer.Write(vector[d].ToString("R", CultureInfo.InvariantCulture));
            }

            writer.WriteLine("]");
        }

        writer.WriteLine("\\.");
        writer.WriteLine($"CREATE INDEX ON {table} USING hnsw (embedding {operators});");
    }
}
