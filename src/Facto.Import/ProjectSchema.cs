using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Facto.Retrieval;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Import;

/// <summary>One setting of facto.json.</summary>
/// <param name="Name">Its path: training.factors; of a list's elements fields[].name.</param>
/// <param name="Kind">text, number, true or false, list, group, or the values that are allowed.</param>
/// <param name="Description">What it does, its range and its default.</param>
internal sealed record ProjectSetting(string Name, string Kind, string Description);

/// <summary>
/// The JSON Schema of facto.json: editors complete and explain settings with it, and it tells misspelt ones. Names and kinds come from
/// <see cref="ProjectFile"/>, descriptions of training's options from the solvers' tables and all others from the documentation of the
/// members; both are written into docs/facto.schema.json, which this assembly carries, and a test holds them equal.
/// </summary>
internal static class ProjectSchema
{
    private static readonly Lazy<JsonNode> Generated = new(() => Generate(_ => null));
    private static readonly Lazy<string> Carried = new(() =>
    {
        using Stream stream = typeof(ProjectSchema).Assembly.GetManifestResourceStream("facto.schema.json")!;
        return new StreamReader(stream, Encoding.UTF8).ReadToEnd();
    });

    /// <summary>The schema as indented JSON text that ends with a line feed.</summary>
    public static string Text => Carried.Value;

    internal static JsonNode Node => Generated.Value;

    /// <summary>Every setting with what it does, in the order of the file.</summary>
    public static IReadOnlyList<ProjectSetting> Settings()
    {
        var settings = new List<ProjectSetting>();
        Collect(JsonNode.Parse(Text)!, string.Empty, settings);
        return settings;
    }

    /// <summary>The schema of the types with descriptions, as <see cref="Text"/> must be.</summary>
    /// <param name="documentation">The text of a member by its documentation id ("P:Facto.Import.ProjectFile.Name"), or null.</param>
    internal static string Describe(Func<string, string?> documentation) => Generate(documentation).ToJsonString(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    }) + "\n";

    private static JsonObject Generate(Func<string, string?> documentation)
    {
        JsonNode schema = ProjectJson.Options.GetJsonSchemaAsNode(typeof(ProjectFile), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
                Described(context, Explain(context, context.TypeInfo.Type == typeof(IndexKind) ? Kinds() : Tidy(node), documentation)),
        });
        var root = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "facto.json" };
        foreach ((string name, JsonNode? value) in schema.AsObject().ToArray())
        {
            schema.AsObject().Remove(name);
            root[name] = value;
        }

        return root;
    }

    // A kind is a name and no enumeration, for kinds can be registered.
    private static JsonObject Kinds() =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. IndexKinds.Names.Select(n => (JsonNode?)n)]) };

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

    private static JsonNode Explain(JsonSchemaExporterContext context, JsonNode node, Func<string, string?> documentation)
    {
        if (node is not JsonObject schema || context.PropertyInfo is not { } property || Member(property) is not { } member)
        {
            return node;
        }

        string? text = documentation($"P:{member.DeclaringType!.FullName!.Replace('+', '.')}.{member.Name}")
            ?? documentation($"P:{property.DeclaringType.FullName}.{member.Name}");
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum)
        {
            IEnumerable<string?> values = Enum.GetNames(type).Select(n => documentation($"F:{type.FullName}.{n}") is { } meaning
                ? $"{JsonNamingPolicy.CamelCase.ConvertName(n)}: {meaning}" : null);
            text = string.Join("\n", values.Prepend(text).OfType<string>());
        }

        if (!string.IsNullOrEmpty(text)) { schema.Insert(0, "description", text); }
        return schema;
    }

    private static MemberInfo? Member(JsonPropertyInfo property) => property.AttributeProvider as MemberInfo;

    private static void Collect(JsonNode schema, string path, List<ProjectSetting> settings)
    {
        if (schema["items"] is JsonObject items) { Collect(items, path + "[]", settings); }
        if (schema["properties"] is not JsonObject properties) { return; }
        foreach ((string name, JsonNode? value) in properties)
        {
            if (name == "$schema" || value is not JsonObject property) { continue; }
            string full = path.Length == 0 ? name : $"{path}.{name}";
            settings.Add(new ProjectSetting(full, KindOf(property), (string?)property["description"] ?? string.Empty));
            Collect(property, full, settings);
        }
    }

    private static string KindOf(JsonObject property)
    {
        if (property["enum"] is JsonArray values) { return string.Join(" | ", values.Where(v => v is not null).Select(v => (string?)v)); }
        string?[] types = property["type"] switch
        {
            JsonArray several => [.. several.Select(t => (string?)t)],
            JsonValue one => [(string?)one],
            _ => [],
        };
        return types.FirstOrDefault(t => t != "null") switch
        {
            "string" => "text",
            "integer" => "whole number",
            "boolean" => "true | false",
            "array" => "list",
            "object" => "group",
            { } other => other,
            null => string.Empty,
        };
    }
}
