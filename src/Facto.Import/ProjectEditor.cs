using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facto.Data;
using Facto.Training;

namespace Facto.Import;

/// <summary>One value that was written into facto.json.</summary>
/// <param name="Setting">"training.learningRate".</param>
/// <param name="Value">As JSON.</param>
internal sealed record ProjectChange(string Setting, string Value);

/// <summary>Changes single values of a facto.json and nothing else: comments, order and layout stay as their author left them.</summary>
internal static class ProjectEditor
{
    /// <summary>Writes what differs between two sets of training options.</summary>
    /// <param name="path">The file.</param>
    /// <param name="section">Where the options stand: "training".</param>
    /// <param name="before">The options as the file gives them.</param>
    /// <param name="after">The options as they shall be; the number of workers is left as it is.</param>
    /// <returns>What was written; nothing differs when empty.</returns>
    /// <exception cref="FactoException">The file is not as it was read, or is no project.</exception>
    internal static IReadOnlyList<ProjectChange> WriteTraining(string path, string section, TrainOptions before, TrainOptions after)
    {
        var changes = new List<ProjectChange>();
        Collect(section, Node(before), Node(after with { Threads = before.Threads }), changes);
        if (changes.Count == 0) { return changes; }
        byte[] text = File.ReadAllBytes(path);
        foreach (ProjectChange change in changes) { text = Set(text, change.Setting, change.Value, path); }
        ProjectFile.Parse(Encoding.UTF8.GetString(text).TrimStart('\uFEFF'), path, []);
        DurableFile.WriteBytes(path, text);
        return changes;
    }

    /// <summary>The text with one value set; a name that is not there comes first in its object.</summary>
    internal static byte[] Set(byte[] text, string setting, string value, string path)
    {
        int mark = text.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
        string[] names = setting.Split('.');
        var reader = new Utf8JsonReader(
            text.AsSpan(mark), new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        reader.Read();
        for (int depth = 0; ; depth++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new FactoException($"{path}: {setting} cannot be written, what is above '{names[depth]}' is a single value");
            }
            int open = mark + (int)reader.TokenStartIndex + 1;
            bool empty = true, found = false;
            while (!found && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                empty = false;
                found = reader.ValueTextEquals(names[depth]);
                reader.Read();
                if (!found) { reader.Skip(); }
            }

            if (!found) { return Insert(text, open, names.AsSpan(depth), value, empty); }
            if (depth < names.Length - 1) { continue; }
            int start = mark + (int)reader.TokenStartIndex;
            reader.Skip();
            return Splice(text, start, mark + (int)reader.BytesConsumed, value);
        }
    }

    private static byte[] Insert(byte[] text, int open, ReadOnlySpan<string> names, string value, bool empty)
    {
        string member = value;
        for (int i = names.Length - 1; i >= 0; i--) { member = i == 0 ? $"\"{names[i]}\": {member}" : $"{{ \"{names[i]}\": {member} }}"; }
        if (empty) { return Splice(text, open, open, $" {member} "); }
        int end = open;
        while (end < text.Length && text[end] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') { end++; }
        return Splice(text, open, open, Encoding.UTF8.GetString(text, open, end - open) + member + ",");
    }

    private static byte[] Splice(byte[] text, int start, int end, string value) =>
        [.. text.AsSpan(0, start), .. Encoding.UTF8.GetBytes(value), .. text.AsSpan(end)];

    private static JsonObject Node(TrainOptions options) => JsonSerializer.SerializeToNode(options, ProjectJson.Options)!.AsObject();

    private static void Collect(string at, JsonObject before, JsonObject after, List<ProjectChange> changes)
    {
        foreach (string name in before.Select(b => b.Key).Union(after.Select(a => a.Key)))
        {
            JsonNode? old = before[name], now = after[name];
            if (JsonNode.DeepEquals(old, now)) { continue; }
            if (old is JsonObject oldValues && now is JsonObject newValues) { Collect($"{at}.{name}", oldValues, newValues, changes); }
            else
            {
                changes.Add(
                    new ProjectChange(
                        $"{at}.{name}", now is JsonValue word
                        && word.TryGetValue(out string? text) ? $"\"{JsonNamingPolicy.CamelCase.ConvertName(text)}\"" : now?.ToJsonString()
                        ?? "null"));
            }
        }
    }
}
