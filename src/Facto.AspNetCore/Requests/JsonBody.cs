using System.Text.Json;
using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Facto.AspNetCore.Requests;

/// <summary>
/// A request's JSON object, read member by member. By hand and not by the serializer: that one lets nulls into lists, and its sentences
/// name types of this program. Members that nobody read, and members that come twice, are refused.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    /// <summary>Most entries of any list.</summary>
    public const int MaxEntries = 10_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    private readonly JsonDocument _document;
    private readonly List<string> _known = [];

    private JsonBody(JsonDocument document) => _document = document;

    /// <summary>Reads the body whole.</summary>
    /// <exception cref="RequestException">It is no JSON object, too long, or not UTF-8.</exception>
    public static async Task<JsonBody> ReadAsync(HttpContext context, FactoOptions options)
    {
        HttpRequest request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MatchesMediaType("application/json"))
        {
            throw new RequestException(StatusCodes.Status415UnsupportedMediaType, "the body must be JSON: Content-Type: application/json");
        }

        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw new RequestException(StatusCodes.Status415UnsupportedMediaType, $"the charset is {type.Charset}; JSON is read as utf-8");
        }

        if (request.ContentLength > options.MaxRequestBytes) { throw TooLong(options); }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxRequestBytes;
        }
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, Strict, context.RequestAborted);
        }
        catch (JsonException e)
        {
            throw new RequestException(StatusCodes.Status400BadRequest, Sentence(e));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLong(options);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) { return new JsonBody(document); }
        string found = Kind(document.RootElement);
        document.Dispose();
        throw Wrong("the body", found, "a JSON object");
    }

    public string? Text(string name) => Take(name, out JsonElement value) ? String(name, value) : null;

    public bool? Flag(string name) => !Take(name, out JsonElement value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(name, Kind(value), "true or false");

    public int? Whole(string name) => !Take(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Wrong(name, Kind(value), "a whole number");

    public ulong? Seed(string name) => !Take(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong number)
            ? number
            : throw Wrong(name, Kind(value), "a whole number that is not negative");

    public float? Number(string name) => !Take(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number)
            ? number
            : throw Wrong(name, Kind(value), "a finite number");

    public IReadOnlyList<string>? Texts(string name) => Take(name, out JsonElement value) ? Strings(name, value) : null;

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Map(string name)
    {
        if (!Take(name, out JsonElement value)) { return null; }
        if (value.ValueKind != JsonValueKind.Object) { throw Wrong(name, Kind(value), "an object of lists of strings by field name"); }
        return value.EnumerateObject().ToDictionary(m => m.Name, m => (IReadOnlyList<string>)Strings($"{name}.{m.Name}", m.Value));
    }

    /// <summary>Refuses what was not asked for.</summary>
    public void End()
    {
        foreach (JsonProperty member in _document.RootElement.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
            {
                throw new RequestException(
                    StatusCodes.Status400BadRequest, $"'{member.Name}' is no member here; there are {string.Join(", ", _known)}");
            }
        }
    }

    public void Dispose() => _document.Dispose();

    private bool Take(string name, out JsonElement value)
    {
        _known.Add(name);
        if (!_document.RootElement.TryGetProperty(name, out value)) { return false; }
        return value.ValueKind != JsonValueKind.Null ? true : throw Wrong(name, "null", "left out or given a value");
    }

    private static string String(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) { throw Wrong(name, Kind(value), "a string"); }
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "half of a surrogate pair", "text");   // an escape such as \ud800 alone is JSON and no text
        }
    }

    private static string[] Strings(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) { throw Wrong(name, Kind(value), "a list of strings"); }
        int length = value.GetArrayLength();
        if (length > MaxEntries) { throw Wrong(name, $"a list of {length}", $"a list of at most {MaxEntries}"); }
        string[] all = new string[length];
        int i = 0;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            all[i] = String($"{name}[{i}]", entry);
            i++;
        }

        return all;
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.GetRawText() is { Length: <= 40 } text ? text : "a number of more than 40 digits",
        _ => value.GetRawText(),
    };

    private static RequestException Wrong(string name, string found, string wanted) =>
        new(StatusCodes.Status400BadRequest, $"{name} is {found}; it must be {wanted}");

    private static RequestException TooLong(FactoOptions options) =>
        new(StatusCodes.Status413PayloadTooLarge, $"the body is longer than {options.MaxRequestBytes} bytes");

    // The parser's own words end in a position; those of a duplicate name the member.
    private static string Sentence(JsonException e)
    {
        int position = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string what = position < 0 ? e.Message : e.Message[..position];
        string place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : string.Empty;
        return $"the body is not valid JSON{place}: {what}";
    }
}
