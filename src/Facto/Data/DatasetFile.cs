using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Datasets over one schema on disk (docs/formats/README.md): schema and vocabularies, the user, item and context tables once, and the
/// interactions of each part (train, validation, test). Opened, everything is used where it is mapped; the datasets live as long as this
/// object is not disposed.
/// </summary>
internal sealed class DatasetFile : IDisposable
{
    private const int Version = 1;

    private readonly ArtefactReader _reader;
    private readonly Dictionary<string, Dataset> _parts = [];

    private DatasetFile(ArtefactReader reader, DatasetMeta meta)
    {
        _reader = reader;
        Fingerprint = meta.Fingerprint;
        Note = meta.Note;
    }

    /// <summary>The parts by name, in the order of the file.</summary>
    public IReadOnlyDictionary<string, Dataset> Parts => _parts;

    /// <summary>A hash of everything in it (<see cref="DatasetFingerprint"/>): equal data, equal fingerprint, on every machine.</summary>
    public string Fingerprint { get; }

    /// <summary>What the writer noted (an import writes its report), JSON; null when nothing was.</summary>
    public JsonElement? Note { get; }

    /// <summary>The part called <paramref name="name"/>.</summary>
    /// <exception cref="FactoException">There is no such part; the message lists those that are.</exception>
    public Dataset this[string name] => _parts.TryGetValue(name, out Dataset? part)
        ? part
        : throw new FactoException(
            $"{_reader.FilePath}: it has no part '{name}', only {string.Join(", ", _parts.Keys.Select(k => $"'{k}'"))}");

    /// <summary>Writes one dataset as the part "train".</summary>
    public static void Save(Dataset data, string path) => Save(new Dictionary<string, Dataset> { ["train"] = data }, path);

    /// <summary>Writes parts that share schema, user and item tables, whole or not at all.</summary>
    /// <param name="parts">At least one; the tables of the first are written.</param>
    /// <param name="path">Where the file shall stand.</param>
    /// <param name="note">A JSON value to keep with the data.</param>
    /// <exception cref="ArgumentException">The parts do not share their tables.</exception>
    public static void Save(IReadOnlyDictionary<string, Dataset> parts, string path, JsonElement? note = null)
    {
        Dataset first = parts.Values.First();
        if (parts.Values.Any(p => p.Schema != first.Schema || p.Users != first.Users || p.Items != first.Items))
        {
            throw new ArgumentException("the parts of one file share schema, users and items");
        }

        using var writer = new ArtefactWriter(path, ArtefactKind.Dataset, Version);
        FeatureSchemaFile.Write(writer, first.Schema);
        RowsFile.Write(writer, "users", first.Users);
        RowsFile.Write(writer, "items", first.Items);
        first.UserIds?.Write(writer, "userIds");
        first.ItemIds?.Write(writer, "itemIds");
        first.ItemTitles?.Write(writer, "itemTitles");
        var contextTables = new List<SparseRows>();
        var partMetas = new List<PartMeta>();
        foreach ((string name, Dataset part) in parts)
        {
            int table = -1;
            if (part.Contexts is { } contexts)
            {
                table = contextTables.IndexOf(contexts);
                if (table < 0)
                {
                    table = contextTables.Count;
                    contextTables.Add(contexts);
                    RowsFile.Write(writer, $"contexts{table}", contexts);
                }
            }

            WriteInteractions(writer, $"part{partMetas.Count}", part.Interactions);
            partMetas.Add(new PartMeta(name, part.Count, table));
        }

        var meta = new DatasetMeta(
            DatasetFingerprint.Of(parts), first.Users?.RowCount, first.Items?.RowCount, [.. contextTables.Select(t => t.RowCount)],
            [.. partMetas], note);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, DatasetJson.Default.DatasetMeta));
        writer.Commit();
    }

    /// <summary>Maps a file.</summary>
    /// <param name="path">A file written by <see cref="Save(IReadOnlyDictionary{string, Dataset}, string, JsonElement?)"/>.</param>
    /// <param name="verify">Whether to check all checksums and row numbers now (a pass over the file); without, only the file's frame is
    /// checked.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is foreign or damaged.</exception>
    public static DatasetFile Open(string path, bool verify = true)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Dataset, Version, verify);
        try
        {
            DatasetMeta meta = ReadMeta(reader);
            FeatureSchema schema = FeatureSchemaFile.Read(reader);
            SparseRows? users = meta.Users is { } u ? RowsFile.Read(reader, "users", u, schema.FeatureCount, verify) : null;
            SparseRows? items = meta.Items is { } i ? RowsFile.Read(reader, "items", i, schema.FeatureCount, verify) : null;
            SparseRows[] contexts =
                [.. meta.Contexts.Select((rows, t) => RowsFile.Read(reader, $"contexts{t}", rows, schema.FeatureCount, verify))];
            Vocabulary? userIds = Ids(reader, "userIds", users), itemIds = Ids(reader, "itemIds", items);
            TextColumn? titles = reader.Has("itemTitles.bytes") ? TextColumn.Read(reader, "itemTitles") : null;
            if (titles is not null && titles.Count != items?.RowCount)
            {
                throw reader.Damaged($"it has {titles.Count} titles for {items?.RowCount ?? 0} items");
            }
            var file = new DatasetFile(reader, meta);
            for (int p = 0; p < meta.Parts.Length; p++)
            {
                PartMeta part = meta.Parts[p];
                if (part.ContextTable >= contexts.Length)
                {
                    throw reader.Damaged($"part '{part.Name}' names a context table that is not there");
                }
                SparseRows? table = part.ContextTable < 0 ? null : contexts[part.ContextTable];
                Interactions interactions = ReadInteractions(reader, $"part{p}", part.Rows);
                Check(reader, part, interactions, users, items, table, verify);
                file._parts.Add(
                    part.Name,
                    new Dataset(schema, interactions, users, items, table) { UserIds = userIds, ItemIds = itemIds, ItemTitles = titles });
            }

            return file;
        }
        catch (Exception e)
        {
            reader.Dispose();
            if (e is ArgumentException) { throw reader.Damaged(e.Message); }
            throw;
        }
    }

    /// <summary>Checks every section's checksum, for a file that was opened without.</summary>
    /// <exception cref="InvalidDataException">A section is damaged.</exception>
    public void Verify() => _reader.Verify();

    /// <summary>Lets go of the file; the datasets are dead.</summary>
    public void Dispose() => _reader.Dispose();

    private static void WriteInteractions(ArtefactWriter writer, string name, Interactions interactions)
    {
        writer.Write($"{name}.labels", interactions.Labels);
        if (interactions.Users is { } users) { writer.Write($"{name}.users", users); }
        if (interactions.Items is { } items) { writer.Write($"{name}.items", items); }
        if (interactions.Contexts is { } contexts) { writer.Write($"{name}.contexts", contexts); }
        if (interactions.Weights is { } weights) { writer.Write($"{name}.weights", weights); }
        if (interactions.Times is { } times) { writer.Write($"{name}.times", times); }
    }

    private static Interactions ReadInteractions(ArtefactReader reader, string name, int rows)
    {
        return new Interactions
        {
            Labels = reader.Block<float>($"{name}.labels", rows),
            Users = Column<int>("users"),
            Items = Column<int>("items"),
            Contexts = Column<int>("contexts"),
            Weights = Column<float>("weights"),
            Times = Column<long>("times"),
        };

        NativeBlock<T>? Column<T>(string column)
            where T : unmanaged => reader.Has($"{name}.{column}") ? reader.Block<T>($"{name}.{column}", rows) : null;
    }

    private static void Check(
        ArtefactReader reader, PartMeta part, Interactions interactions, SparseRows? users, SparseRows? items, SparseRows? contexts,
        bool verify)
    {
        if (!verify) { return; }
        CheckColumn(interactions.Users, users, "user");
        CheckColumn(interactions.Items, items, "item");
        CheckColumn(interactions.Contexts, contexts, "context");

        void CheckColumn(NativeBlock<int>? column, SparseRows? table, string what)
        {
            if (column is null) { return; }
            uint bound = (uint)(table?.RowCount ?? 0);
            foreach (int row in column.Span)
            {
                if ((uint)row >= bound) { throw reader.Damaged($"part '{part.Name}' refers to {what} {row}, there are {bound}"); }
            }
        }
    }

    private static Vocabulary? Ids(ArtefactReader reader, string name, SparseRows? rows)
    {
        if (!reader.Has(name + ".slots")) { return null; }
        Vocabulary ids = Vocabulary.Read(reader, name);
        return ids.Count == rows?.RowCount ? ids : throw reader.Damaged($"'{name}' has {ids.Count} ids for {rows?.RowCount ?? 0} rows");
    }

    private static DatasetMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            DatasetMeta meta = JsonSerializer.Deserialize(reader.Meta, DatasetJson.Default.DatasetMeta)
                ?? throw reader.Damaged("its description is empty");
            bool complete = meta.Fingerprint is not null && meta.Contexts is not null && meta.Parts is not null
                && meta.Parts.All(p => p.Name is not null);
            return complete ? meta : throw reader.Damaged("its description is incomplete");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }
}

internal sealed record DatasetMeta(string Fingerprint, int? Users, int? Items, int[] Contexts, PartMeta[] Parts, JsonElement? Note);

internal sealed record PartMeta(string Name, int Rows, int ContextTable);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DatasetMeta))]
[JsonSerializable(typeof(VectorTableMeta))]
internal sealed partial class DatasetJson : JsonSerializerContext;
