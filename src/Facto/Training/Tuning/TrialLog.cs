using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Facto.Training.Tuning;

/// <summary>
/// The trials of one search on disk: a first line that says which search, then one line per finished trial, each flushed before the next
/// begins. A line that a crash cut short is dropped and its trial runs again.
/// </summary>
internal sealed class TrialLog : IDisposable
{
    private readonly FileStream? _file;
    private readonly Dictionary<(int Number, int Rung), Trial> _done = [];
    private readonly Lock _lock = new();

    public TrialLog(string? path, SearchDescription search)
    {
        if (path is null) { return; }
        string header = JsonSerializer.Serialize(search, TuningJson.Default.SearchDescription);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            long end = Load(path, header);
            _file.SetLength(end);
            _file.Position = end;
            if (end == 0) { Append(header); }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>A trial that an earlier run finished, or null.</summary>
    public Trial? Find(int number, int rung)
    {
        lock (_lock) { return _done.GetValueOrDefault((number, rung)); }
    }

    public void Add(Trial trial)
    {
        lock (_lock)
        {
            _done[(trial.Number, trial.Rung)] = trial;
            if (_file is not null) { Append(JsonSerializer.Serialize(trial, TuningJson.Default.Trial)); }
        }
    }

    public void Dispose() => _file?.Dispose();

    // Returns the end of the last whole line.
    private long Load(string path, string header)
    {
        byte[] bytes = new byte[_file!.Length];
        _file.ReadExactly(bytes);
        int start = 0, line = 0;
        for (int end = Array.IndexOf(bytes, (byte)'\n'); end >= 0; start = end + 1, end = Array.IndexOf(bytes, (byte)'\n', start))
        {
            string text = Encoding.UTF8.GetString(bytes, start, end - start);
            if (line++ == 0)
            {
                if (text != header)
                {
                    throw new FactoException(
                        $"{path} belongs to another search ({Shorten(text)}); this one is {Shorten(header)}: give another file, or "
                            + "delete it to start again");
                }
                continue;
            }

            Trial trial = Parse(path, line, text);
            _done[(trial.Number, trial.Rung)] = trial;
        }

        return start;
    }

    private static Trial Parse(string path, int line, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TuningJson.Default.Trial)
                ?? throw new InvalidDataException($"{path}({line}) holds no trial");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}({line}) is no trial: {e.Message}", e);
        }
    }

    private void Append(string line)
    {
        _file!.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _file.Flush(flushToDisk: true);
    }

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}

/// <summary>
/// What makes two searches the same one: the data, the point to start from, the space and the seed. How many trials and workers may differ.
/// </summary>
internal sealed record SearchDescription(
    string Data, int TrainExamples, int ValidationExamples, TrainOptions Options, IReadOnlyList<SearchDimension> Space, int Reduction,
    int Rungs, ulong Seed);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Trial))]
[JsonSerializable(typeof(SearchDescription))]
internal sealed partial class TuningJson : JsonSerializerContext;
