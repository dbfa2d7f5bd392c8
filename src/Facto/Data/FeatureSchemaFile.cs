using System.Text.Json;
using System.Text.Json.Serialization;

namespace Facto.Data;

/// <summary>Stores a schema and its vocabularies inside another Facto file, so that a model or dataset can be used alone.</summary>
internal static class FeatureSchemaFile
{
    public static byte[] ToJson(FeatureSchema schema) =>
        JsonSerializer.SerializeToUtf8Bytes([.. schema.Fields], FeatureSchemaJson.Default.FieldArray);

    public static void Write(ArtefactWriter writer, FeatureSchema schema)
    {
        writer.Write<byte>("schema", ToJson(schema));
        for (int f = 0; f < schema.Fields.Count; f++) { schema.Fields[f].Vocabulary?.Write(writer, Name(f)); }
    }

    public static FeatureSchema Read(ArtefactReader reader)
    {
        Field[] fields;
        try
        {
            fields = JsonSerializer.Deserialize(reader.Block<byte>("schema").Span, FeatureSchemaJson.Default.FieldArray) ?? [];
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its schema is not valid: {e.Message}");
        }

        for (int f = 0; f < fields.Length; f++)
        {
            if (!reader.Has(Name(f) + ".slots")) { continue; }
            Vocabulary vocabulary = Vocabulary.Read(reader, Name(f));
            if (vocabulary.Count > fields[f].Count)
            {
                throw reader.Damaged($"field '{fields[f].Spec.Name}' has more values than features");
            }
            fields[f] = fields[f] with { Vocabulary = vocabulary };
        }

        try
        {
            return new FeatureSchema(fields);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw reader.Damaged($"its schema is not valid: {e.Message}");
        }
    }

    private static string Name(int field) => $"vocabulary{field}";
}

[JsonSourceGenerationOptions(WriteIndented = false, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Field[]))]
internal sealed partial class FeatureSchemaJson : JsonSerializerContext;
