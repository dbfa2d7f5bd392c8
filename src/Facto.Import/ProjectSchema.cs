using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Facto.Retrieval;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Import;

/// <summary>
/// The JSON Schema of facto.json, made from <see cref="ProjectFile"/>: editors complete settings with it, and it tells misspelt ones.
/// </summary>
internal static class ProjectSchema
{
    private static readonly Lazy<JsonNode> Generated = new(Generate);

    /// <summary>The schema as indented JSON text that ends with a line feed.</summary>
    public static string Text =>
        Generated.Value.ToJsonString(
            new JsonSerializerOptions { WriteIndented = true,
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }) + "\n";

    internal static JsonNode Node => Generated.Value;

    private static JsonObject Generate()
    {
        JsonNode schema = ProjectJson.Options.GetJsonSchemaAsNode(
            typeof(ProjectFile),
            new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) =>
                context.TypeInfo.Type == typeof(IndexKind) ? Kinds() : Described(context, Tidy(node)) });
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

    // The options of training are described in the solvers' tables, and nowhere else.
    private static JsonNode Described(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema || context.PropertyInfo is not { } property || property.DeclaringType != typeof(TrainOptions))
        {
            return node;
        }
        if (property.Name == "extra")
        {
            schema["properties"] = new JsonObject(Solvers.AllOptions.Where(o => o.IsOwn).Select(o => KeyValuePair.Create<string, JsonNode?>(
                o.Name, new JsonObject { ["type"] = "number", ["description"] = OptionHelp.Line(o) })));
        }
        else if (Solvers.AllOptions.FirstOrDefault(o => o.Setting == property.Name) is { } option)
        {
            schema["description"] = OptionHelp.Line(option);
        }
        else
        {
            schema["description"] = property.Name == "solver"
                ? $"How to learn: {string.Join(", ", Solvers.All.Select(s => s.Name))}; without it icd for ranking, gibbs for ordinal, "
                    + "adagrad otherwise"
                : "What a score shall mean; without it the labels and the solver decide";
        }

        return schema;
    }

    // Names of values as the rest of the file spells names; nothing beyond the named settings.
    private static JsonNode Tidy(JsonNode node)
    {
        if (node is not JsonObject schema) { return node; }
        if (schema["enum"] is JsonArray values)
        {
            schema["enum"] = new JsonArray(
                [.. values.Select(v => v is null ? null : JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(v.GetValue<string>())))]);
        }

        if (schema["properties"] is JsonObject && schema["additionalProperties"] is null) { schema["additionalProperties"] = false; }
        return schema;
    }
}
