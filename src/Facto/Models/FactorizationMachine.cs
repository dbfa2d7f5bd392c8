using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Models;

namespace Facto;

/// <summary>
/// A fitted factorization machine with the data that it learnt from: what <see cref="Evaluator"/> judges and <see cref="Recommender"/>
/// answers from. Immutable and safe for any number of readers.
/// </summary>
public sealed partial class FactorizationMachine
{
    private const string ModelFileName = "model.facto", DataFileName = "data.facto", SettingsFileName = "settings.json";

    private FactorizationMachine(ISeparableModel model, Dataset train, Interactions seen, FitSettings settings) =>
        (Model, Train, Seen, Settings) = (model, train, seen, settings);

    /// <summary>What it was learnt with, and why.</summary>
    public FitSettings Settings { get; }

    internal ISeparableModel Model { get; }

    internal Dataset Train { get; }

    /// <summary>Every interaction of the data that it was made from, in every split: what users have already.</summary>
    internal Interactions Seen { get; }

    /// <summary>
    /// Writes model, data and settings into a folder, for <see cref="Open"/>. A recommender alone is saved by
    /// <see cref="Recommender.Save"/>.
    /// </summary>
    /// <param name="folder">Made when it is not there; a model that it holds is replaced.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        DatasetFile.Save(SeenLog.Parts(Train, Seen), Path.Combine(folder, DataFileName));
        var note = new SavedSettings(Settings.Values.ToDictionary(), Settings.Reasons);
        DurableFile.WriteBytes(
            Path.Combine(folder, SettingsFileName), JsonSerializer.SerializeToUtf8Bytes(note, SettingsJson.Default.SavedSettings));
        ModelFile.Save(Model, Path.Combine(folder, ModelFileName));
    }

    /// <summary>Opens what <see cref="Save"/> wrote; parameters and data are used where they are mapped.</summary>
    /// <exception cref="FactoException">The folder holds no model.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or they do not belong together.</exception>
    public static FactorizationMachine Open(string folder)
    {
        string settings = Path.Combine(folder, SettingsFileName);
        if (!File.Exists(settings)) { throw new FactoException($"{folder}: there is no model here; FactorizationMachine.Save writes one"); }
        ISeparableModel model = ModelFile.Open(Path.Combine(folder, ModelFileName));
        DatasetFile data = DatasetFile.Open(Path.Combine(folder, DataFileName));
        if (data["train"].Schema.FeatureCount != model.Schema.FeatureCount)
        {
            throw new InvalidDataException($"{folder}: model and data do not belong together");
        }
        SavedSettings saved = Read(settings);
        return new(model, data["train"], SeenLog.Of(data.Parts), new FitSettings(saved.Values, saved.Reasons));
    }

    private static SavedSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SettingsJson.Default.SavedSettings)
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: the settings are damaged: {e.Message}", e);
        }
    }
}

internal sealed record SavedSettings(Dictionary<string, string> Values, IReadOnlyList<string> Reasons);

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SavedSettings))]
internal sealed partial class SettingsJson : JsonSerializerContext;
