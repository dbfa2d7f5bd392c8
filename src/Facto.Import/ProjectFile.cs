using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Retrieval;
using Facto.Training;

namespace Facto.Import;

/// <summary>
/// facto.json: where the data comes from, what its columns mean, how it is split, learnt, retrieved and served. Comments and trailing
/// commas are allowed.
/// </summary>
internal sealed record ProjectFile
{
    /// <summary>The schema for editors; not used otherwise.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The project's name.</summary>
    public string Name { get; init; } = "project";

    /// <summary>Folder of the sources, relative to this file; ${NAME} is replaced by that environment variable.</summary>
    public string Data { get; init; } = ".";

    /// <summary>Folder for what is made (dataset, models, bundles), relative to this file.</summary>
    public string Output { get; init; } = "out";

    /// <summary>The log.</summary>
    public required InteractionSource Interactions { get; init; }

    /// <summary>A table of users, or null.</summary>
    public EntitySource? Users { get; init; }

    /// <summary>A table of items, or null.</summary>
    public EntitySource? Items { get; init; }

    /// <summary>The fields; none means the user id and the item id.</summary>
    public IReadOnlyList<FieldSpec> Fields { get; init; } = [];

    /// <summary>Share of bad rows up to which an import succeeds, 0 to 1.</summary>
    public double MaxBadRows { get; init; } = 0.01;

    /// <summary>
    /// Share of values that a field cannot read (a number field's "n/a"), and of the log's ids that have no row in their table, up to which
    /// an import succeeds; 0 to 1.
    /// </summary>
    public double MaxUnread { get; init; } = 0.01;

    /// <summary>How ids are spelt.</summary>
    public IdSpelling Ids { get; init; }

    /// <summary>Negatives to draw for a log of positives; null draws none.</summary>
    public NegativeSpec? Negatives { get; init; }

    /// <summary>Which examples validate and test.</summary>
    public SplitSpec Split { get; init; } = new();

    /// <summary>How to learn.</summary>
    [JsonInclude]
    internal TrainOptions Training { get; init; } = new();

    /// <summary>
    /// Stages that follow one another, each learnt for its own purpose; null learns one model by <see cref="Training"/> that does
    /// everything.
    /// </summary>
    public StagesSpec? Stages { get; init; }

    /// <summary>What 'facto tune' searches.</summary>
    public TuningSpec Tuning { get; init; } = new();

    /// <summary>How to rank.</summary>
    public RetrievalSpec Retrieval { get; init; } = new();

    /// <summary>How to serve.</summary>
    public ServingSpec Serving { get; init; } = new();

    /// <summary>The folder that relative paths start from.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = ".";

    /// <summary>Full path of this file.</summary>
    [JsonIgnore]
    public string FilePath { get; init; } = "facto.json";

    /// <summary>Full path of <see cref="Output"/>.</summary>
    [JsonIgnore]
    public string OutputFolder => Path.GetFullPath(Path.Combine(Folder, Output));

    /// <summary>Full path of <see cref="Data"/>, variables replaced; only what reads sources needs it.</summary>
    /// <exception cref="FactoException">A variable is not set.</exception>
    [JsonIgnore]
    public string DataFolder => Path.GetFullPath(Path.Combine(Folder, ProjectText.Substitute(Data, FilePath)));

    /// <summary>Full path of the dataset that an import writes.</summary>
    [JsonIgnore]
    public string DatasetPath => Path.Combine(OutputFolder, "dataset.facto");

    /// <summary>Reads a project.</summary>
    /// <param name="path">facto.json, or the folder that holds it.</param>
    /// <param name="overrides">"path.to.value=value" each, as in training.factors=32, fields.genre.minCount=5 or
    /// fields.0.kind=hashed.</param>
    /// <param name="dataFolder">Stands in for <see cref="Data"/> when given.</param>
    /// <exception cref="FactoException">The file is missing or wrong; the message names the setting and, for a misspelt one, the
    /// nearest.</exception>
    public static ProjectFile Load(string path, IReadOnlyList<string>? overrides = null, string? dataFolder = null)
    {
        if (Directory.Exists(path)) { path = Path.Combine(path, "facto.json"); }
        if (!File.Exists(path))
        {
            throw new FactoException($"{path}: there is no such file; 'facto init' writes one by looking at your data");
        }
        ProjectFile project = Parse(File.ReadAllText(path), path, overrides ?? []);
        return project with
        {
            Folder = Path.GetDirectoryName(Path.GetFullPath(path))!,
            FilePath = Path.GetFullPath(path),
            Data = dataFolder is null ? project.Data : Path.GetFullPath(dataFolder),
        };
    }

    internal static ProjectFile Parse(string json, string path, IReadOnlyList<string> overrides)
    {
        try
        {
            JsonNode root = JsonNode.Parse(
                json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })
                ?? new JsonObject();
            foreach (string change in overrides) { ProjectText.Set(root, change); }
            ProjectText.CheckNames(root, ProjectSchema.Node, path);
            ProjectFile project = root.Deserialize<ProjectFile>(ProjectJson.Options) ?? throw new FactoException($"{path}: it is empty");
            ProjectChecks.Check(project, path);
            return project;
        }
        catch (JsonException e)
        {
            throw new FactoException($"{path}: {ProjectText.Describe(e)}", e);
        }
    }
}

/// <summary>The format of a table's files.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TableFormat>))]
internal enum TableFormat
{
    /// <summary>By the file name's ending: .parquet, .json, .jsonl, .ndjson; anything else is delimited text.</summary>
    Auto,

    /// <summary>Delimited text.</summary>
    Csv,

    /// <summary>JSON objects: one per line, behind one another, or in one array.</summary>
    JsonLines,

    /// <summary>Parquet.</summary>
    Parquet,

    /// <summary>
    /// One line per user: the user's id, then the ids of the user's items, separated by blanks or the delimiter. Columns: user, item.
    /// </summary>
    Lists,

    /// <summary>One line per user, one column per item, ratings in the cells. Columns: user, item, rating.</summary>
    Matrix,

    /// <summary>libFM, libSVM or LIBFFM text: a label and numbered features. Such a project is flat: it has no users and items.</summary>
    Sparse,
}

/// <summary>How ids are spelt.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IdSpelling>))]
internal enum IdSpelling
{
    /// <summary>Exactly as in the files: 7, 07 and 7.0 are three ids.</summary>
    Exact,

    /// <summary>Whole numbers by their value: 7, 07 and 7.0 are the id 7 (a data frame has written 7.0).</summary>
    Integers,
}

/// <summary>What is made of a weight.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WeightScale>))]
internal enum WeightScale
{
    /// <summary>As it is.</summary>
    None,

    /// <summary>1 + ln(1 + x), for counts and money.</summary>
    Log,
}

/// <summary>Files with the same columns.</summary>
internal record TableSource
{
    /// <summary>
    /// File, or pattern of files with * and ? (where no file has that very name), relative to the project's data folder. Compression (gzip,
    /// zstd) is told by the file's first bytes.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The format.</summary>
    public TableFormat Format { get; init; }

    /// <summary>
    /// Delimited text: what stands between columns; a blank means any number of blanks and tabs; a tab for .tsv and a comma otherwise when
    /// null.
    /// </summary>
    public string? Delimiter { get; init; }

    /// <summary>
    /// Delimited text: the quote character, or "" for none; a double quote when null and the delimiter is one character, none otherwise.
    /// </summary>
    public string? Quote { get; init; }

    /// <summary>Delimited text and JSON: utf-8, latin-1 or utf-16; a byte order mark says otherwise.</summary>
    public string Encoding { get; init; } = "utf-8";

    /// <summary>Delimited text: whether the first line names the columns.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Delimited text: names of the columns, in place of those of a header.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The decimal mark of numbers: a point or a comma ("1.234,5").</summary>
    public string Decimal { get; init; } = ".";

    /// <summary>matrix: whether the first column holds the users' ids; else users are numbered from 1.</summary>
    public bool RowNames { get; init; }

    /// <summary>matrix: what stands in a cell without a rating, besides nothing at all (such as 0 or 99).</summary>
    public string? Nothing { get; init; }

    /// <summary>Rows that do not belong into the data; each is counted under its reason.</summary>
    public IReadOnlyList<ExcludeRule> Exclude { get; init; } = [];
}

/// <summary>Rows to leave out.</summary>
/// <param name="When">A condition in SQL over the columns, which are all text: "TRY_CAST(Quantity AS DOUBLE) &lt;= 0".</param>
/// <param name="Reason">What the report calls them.</param>
internal sealed record ExcludeRule(string When, string Reason);

/// <summary>The log of interactions.</summary>
internal sealed record InteractionSource : TableSource
{
    /// <summary>
    /// Column of the user id; neither this nor <see cref="Item"/> makes the project flat: rows of a label and context fields.
    /// </summary>
    public string User { get; init; } = string.Empty;

    /// <summary>Column of the item id.</summary>
    public string Item { get; init; } = string.Empty;

    /// <summary>Column of the label; null means that every row is a positive (label 1).</summary>
    public string? Label { get; init; }

    /// <summary>Labels of at least this become 1, others 0; null keeps the labels.</summary>
    public double? PositiveFrom { get; init; }

    /// <summary>With <see cref="PositiveFrom"/>: labels up to this become 0 and those between are left out.</summary>
    public double? NegativeUpTo { get; init; }

    /// <summary>
    /// Column of the time: a number in any unit, or a date like 2010-12-01 08:26:00.25+01:00 (UTC when it names no zone), kept to the
    /// microsecond. Where times are equal the order of the rows decides.
    /// </summary>
    public string? Time { get; init; }

    /// <summary>Column of the example weight, above 0.</summary>
    public string? Weight { get; init; }

    /// <summary>What is made of the weight.</summary>
    public WeightScale WeightScale { get; init; }

    /// <summary>True when the log has no users and items: its rows are a label and context fields.</summary>
    [JsonIgnore]
    public bool IsFlat => User.Length == 0 && Item.Length == 0;

    /// <summary>One user and item more than once.</summary>
    public RepeatedPairs Repeated { get; init; }
}

/// <summary>A table with one row per user or item. Where an id occurs more than once, each column takes its most frequent value.</summary>
internal sealed record EntitySource : TableSource
{
    /// <summary>Column of the id.</summary>
    public required string Id { get; init; }

    /// <summary>Column of the title to show; items only.</summary>
    public string? Title { get; init; }
}

/// <summary>
/// What 'facto tune' searches: random points of a space, the best of them with more and more passes, judged on the validation part.
/// </summary>
internal sealed record TuningSpec
{
    /// <summary>Random points, ≥ 1.</summary>
    public int Trials { get; init; } = 27;

    /// <summary>Rungs of successive halving, ≥ 1: 1 gives every trial all passes.</summary>
    public int Rungs { get; init; } = 3;

    /// <summary>Each rung keeps one trial in so many and gives it so many times the passes, ≥ 2.</summary>
    public int Reduction { get; init; } = 3;

    /// <summary>Where the points come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Option → range: "learning-rate": "0.001..0.3 log", "factors": "8..64 int". Nothing means ranges around the solver's defaults.
    /// </summary>
    public IReadOnlyDictionary<string, string> Space { get; init; } = new Dictionary<string, string>();
}

/// <summary>How items are ranked.</summary>
internal sealed record RetrievalSpec
{
    /// <summary>match, naive or pooled.</summary>
    public string Recipe { get; init; } = "match";

    /// <summary>auto, exact, bounded (exact results from codes), graph or ivf; auto goes by the number of items.</summary>
    public IndexKind Index { get; init; }

    /// <summary>
    /// Recall that a graph or ivf must reach, also with the popular half of the items filtered out, or no bundle is written: 0 to 1.
    /// </summary>
    public double Floor { get; init; } = 0.98;

    /// <summary>n of the recall@n that is measured, 1 to 10,000.</summary>
    public int At { get; init; } = 100;

    /// <summary>Bytes of an item's product code in an ivf, 1 to 64, for catalogues beyond memory; 0 keeps a byte per coordinate.</summary>
    public int CodeBytes { get; init; }

    /// <summary>Items per list.</summary>
    public int Count { get; init; } = 10;

    /// <summary>Whether a user's own items are left out.</summary>
    public bool HideSeen { get; init; } = true;
}

/// <summary>How the service runs.</summary>
internal sealed record ServingSpec
{
    /// <summary>Address to listen on.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on.</summary>
    public int Port { get; init; } = 5080;
}

// By reflection: a generated reader would set init-only settings that the file leaves out to zero instead of their defaults.
internal static class ProjectJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };
}
