using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Facto.Retrieval;

namespace Facto.Import;

/// <summary>The JSON Schema of facto.json, made from <see cref="ProjectFile"/>: editors complete settings with it, and it tells misspelt ones.</summary>
public static class ProjectSchema
{
    private static readonly Lazy<JsonNode> Generated = new(Generate);

    /// <summary>The schema as indented JSON text that ends with a line feed.</summary>
    public static string Text => Generated.Value.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }) + "\n";

    internal static JsonNode Node => Generated.Value;

    private static JsonObject Generate()
    {
        JsonNode schema = ProjectJson.Options.GetJsonSchemaAsNode(typeof(ProjectFile), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => context.TypeInfo.Type == typeof(IndexKind) ? Kinds() : Tidy(node) });
        var root = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "facto.json" };
        foreach ((string name, JsonNode? value) in schema.AsObject().ToArray())
        {
            schema.AsObject().Remove(name);
            root[name] = value;
        }

        return root;
    }

    // A kind is a name and no enumeration, for kinds can be registered.
    private static JsonObject Kinds() => new() { ["type"] = "string", ["enum"] = new JsonArray([.. IndexKinds.Names.Select(n => (JsonNode?)n)]) };

    // Names of values as the rest of the file spells names; nothing beyond the named settings.
    private static JsonNode Tidy(JsonNode node)
    {
        if (node is not JsonObject schema) { return node; }
        if (schema["enum"] is JsonArray values)
        {
            schema["enum"] = new JsonArray([.. values.Select(v => v is null ? null : JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(v.GetValue<string>())))]);
        }

        if (schema["properties"] is JsonObject && schema["additionalProperties"] is null) { schema["additionalProperties"] = false; }
        return schema;
    }
}
