using System.Text.Json;

namespace Facto.Data;

/// <summary>A table of vectors on disk (docs/formats/README.md): padded rows and their ids.</summary>
internal static class VectorTableFile
{
    private const int Version = 1;

    /// <summary>Writes <paramref name="table"/>, whole or not at all.</summary>
    public static void Save(VectorTable table, string path)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Vectors, Version);
        writer.Write("vectors", table.Vectors.Storage);
        table.Ids?.Write(writer, "ids");
        writer.SetMeta(
            JsonSerializer.SerializeToUtf8Bytes(new VectorTableMeta(table.Count, table.Dimension), DatasetJson.Default.VectorTableMeta));
        writer.Commit();
    }

    /// <summary>Maps a table; it keeps the file open as long as it lives.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is foreign or damaged.</exception>
    public static VectorTable Open(string path)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Vectors, Version);
        try
        {
            VectorTableMeta meta = JsonSerializer.Deserialize(reader.Meta, DatasetJson.Default.VectorTableMeta)
                ?? throw reader.Damaged("its description is empty");
            Vocabulary? ids = reader.Has("ids.slots") ? Vocabulary.Read(reader, "ids") : null;
            if (ids is not null && ids.Count != meta.Count) { throw reader.Damaged($"it has {meta.Count} vectors and {ids.Count} ids"); }
            return new VectorTable(reader.Matrix("vectors", meta.Count, meta.Dimension), ids);
        }
        catch (Exception e)
        {
            reader.Dispose();
            if (e is JsonException) { throw reader.Damaged($"its description is not valid: {e.Message}"); }
            throw;
        }
    }
}

internal sealed record VectorTableMeta(int Count, int Dimension);
