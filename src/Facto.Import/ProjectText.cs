using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Facto.Import;

/// <summary>
/// What happens to facto.json before it becomes a <see cref="ProjectFile"/>: overrides, variables, and sentences about what is wrong.
/// </summary>
internal static partial class ProjectText
{
    /// <summary>Replaces ${NAME} by the environment variable NAME.</summary>
    public static string Substitute(string text, string path) => Variable().Replace(text, match =>
    {
        string name = match.Groups[1].Value;
        return Environment.GetEnvironmentVariable(name)
            ?? throw new FactoException(
                $"{path}: the environment variable {name} in '{text}' is not set: set it, or give the data folder with --data");
    });

    /// <summary>Carries out one "path.to.value=value". The value is JSON, or text when it is not.</summary>
    public static void Set(JsonNode root, string change)
    {
        int equals = change.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) { throw new FactoException($"'{change}' is no override: write path.to.value=value, as in training.factors=32"); }
        string[] path = change[..equals].Split('.');
        JsonNode? value = Value(change[(equals + 1)..]);
        JsonNode at = root;
        for (int i = 0; i < path.Length - 1; i++) { at = Step(at, path[i], change); }
        if (at is JsonArray array) { array[Position(array, path[^1], change)] = value; }
        else if (at is JsonObject target) { target[path[^1]] = value; }
        else { throw new FactoException($"'{change}': {path[^1]} cannot be set, what is above it is a single value"); }
    }

    /// <summary>Looks every name up in the schema.</summary>
    public static void CheckNames(JsonNode? node, JsonNode schema, string path, string at = "")
    {
        if (node is JsonArray array && schema["items"] is { } items)
        {
            for (int i = 0; i < array.Count; i++) { CheckNames(array[i], items, path, $"{at}[{i}]"); }
        }

        if (node is not JsonObject settings || schema["properties"] is not JsonObject known) { return; }
        foreach ((string name, JsonNode? value) in settings)
        {
            string full = at.Length == 0 ? name : $"{at}.{name}";
            if (known[name] is not { } property)
            {
                // options of solvers from outside: the solver refuses what it does not have
                if (schema["additionalProperties"] is JsonObject) { continue; }
                string[] names = [.. known.Select(k => k.Key)];
                string? nearest = names.MinBy(n => Distance(n, name));
                bool near = nearest is not null && Distance(nearest, name) <= Math.Max(2, name.Length / 3);
                throw new FactoException(
                    $"{path}: there is no setting '{full}'; "
                        + $"{(near ? $"did you mean '{nearest}'?" : $"here are {string.Join(", ", names)}")}");
            }

            CheckNames(value, property, path, full);
        }
    }

    /// <summary>A deserialiser's complaint in words.</summary>
    public static string Describe(JsonException e)
    {
        string where = e.LineNumber is { } line ? $"line {line + 1}: " : string.Empty;
        if (e.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal))
        {
            return "the file is empty; 'facto init' writes one";
        }
        Match missing = MissingRequired().Match(e.Message);
        if (missing.Success)
        {
            return $"these settings are missing: {missing.Groups[1].Value.Replace("'", string.Empty, StringComparison.Ordinal)}";
        }
        string setting = e.Path is { Length: > 2 } path ? $"setting {path[2..]} " : string.Empty;
        return setting.Length > 0 && e.Message.Contains("could not be converted", StringComparison.Ordinal)
            ? $"{setting}has a value of the wrong kind; see docs/facto.schema.json for what is allowed"
            : $"{where}{e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]}";
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static JsonNode Step(JsonNode at, string name, string change)
    {
        if (at is JsonArray array)
        {
            return array[Position(array, name, change)] ?? throw new FactoException($"'{change}': {name} is null");
        }
        if (at is not JsonObject settings)
        {
            throw new FactoException($"'{change}': {name} cannot be reached, what is above it is a single value");
        }
        if (settings[name] is null) { settings[name] = new JsonObject(); }
        return settings[name]!;
    }

    // A list's element by number, or by its name.
    private static int Position(JsonArray array, string name, string change)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < array.Count) { return index; }
        for (int i = 0; i < array.Count; i++)
        {
            if (array[i] is JsonObject element && (string?)element["name"] == name) { return i; }
        }

        throw new FactoException(
            $"'{change}': the list has no element {name}; use a number from 0 to {array.Count - 1} or an element's name");
    }

    // Levenshtein's distance, without regard to case.
    internal static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"missing required properties[^:]*: (.*?)\.?$")]
    private static partial Regex MissingRequired();
}
