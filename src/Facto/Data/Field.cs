using System.Text.Json.Serialization;

namespace Facto.Data;

/// <summary>Whose property a field is. Contexts are known at request time and go with the user.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldSide>))]
internal enum FieldSide
{
    /// <summary>Known per user.</summary>
    User,

    /// <summary>Known per item.</summary>
    Item,

    /// <summary>Known per request (hour, device …).</summary>
    Context,
}

/// <summary>How a column becomes features.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldKind>))]
internal enum FieldKind
{
    /// <summary>One value, one feature of value 1.</summary>
    Categorical,

    /// <summary>Several values separated by <see cref="FieldSpec.Separator"/>, pooled.</summary>
    MultiCategorical,

    /// <summary>A number: bucketed, standardised or as it is.</summary>
    Numeric,

    /// <summary>
    /// Like <see cref="MultiCategorical"/>, but values are hashed into <see cref="FieldSpec.HashBuckets"/> features instead of a
    /// vocabulary.
    /// </summary>
    Hashed,

    /// <summary>The other side's rows that this row met in the training interactions: a user's items, an item's users.</summary>
    Bag,
}

/// <summary>How the values of a multi-valued field weigh: m values get x = 1, 1/m or 1/√m.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Pooling>))]
public enum Pooling
{
    /// <summary>x = 1.</summary>
    Sum,

    /// <summary>x = 1/m.</summary>
    Mean,

    /// <summary>x = 1/√m.</summary>
    Sqrt,
}

/// <summary>What facto.json says about a field.</summary>
internal sealed record FieldSpec
{
    /// <summary>Its name, unique in the project.</summary>
    public required string Name { get; init; }

    /// <summary>Whose property it is.</summary>
    public FieldSide Side { get; init; }

    /// <summary>How the column becomes features.</summary>
    public FieldKind Kind { get; init; }

    /// <summary>The source's column; <see cref="Name"/> when null.</summary>
    public string? Column { get; init; }

    /// <summary>Weights of several values; the default is <see cref="Data.Pooling.Mean"/>.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Between the values of a multi-valued field.</summary>
    public string Separator { get; init; } = "|";

    /// <summary>Values seen less often in training share no feature (they count as unknown). ≥ 1.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>Categorical only: the column holds times, and this part of them is the value; null takes the column as it is.</summary>
    public TimePart? TimePart { get; init; }

    /// <summary>Numeric only: number of quantile buckets, 0 for none.</summary>
    public int Buckets { get; init; }

    /// <summary>Numeric only: subtract the training mean, divide by the training standard deviation.</summary>
    public bool Standardize { get; init; }

    /// <summary>Hashed only: number of features, ≥ 1.</summary>
    public int HashBuckets { get; init; }

    /// <summary>Bag only: the most recent so many, 0 for all.</summary>
    public int Recent { get; init; }

    /// <summary>Bag only: use the other side's id vectors instead of vectors of its own (FISM, YouTube).</summary>
    public bool Tied { get; init; }

    /// <summary>L2 on this field's linear weights; the training option when null.</summary>
    public float? RegularizationLinear { get; init; }

    /// <summary>L2 on this field's factors; the training option when null.</summary>
    public float? RegularizationFactors { get; init; }
}

/// <summary>
/// A field as fitted to the training data: its features are <see cref="Offset"/> … <see cref="Offset"/>+<see cref="Count"/>−1.
/// </summary>
internal sealed record Field
{
    /// <summary>What was asked for.</summary>
    public required FieldSpec Spec { get; init; }

    /// <summary>First feature.</summary>
    public int Offset { get; init; }

    /// <summary>Number of features.</summary>
    public required int Count { get; init; }

    /// <summary>Values ↔ features minus <see cref="Offset"/>; null for numeric, hashed and unnamed (libFM) fields.</summary>
    [JsonIgnore]
    public Vocabulary? Vocabulary { get; init; }

    /// <summary>Numeric with buckets: the inner bucket edges, ascending; bucket b holds edges[b−1] ≤ x &lt; edges[b].</summary>
    public float[]? Edges { get; init; }

    /// <summary>Numeric, standardised: the training mean, unrounded, because the spread may be small beside it.</summary>
    public double Mean { get; init; }

    /// <summary>
    /// Numeric, standardised: the training standard deviation; 1 when it was less than a millionth of the mean (or 1e-21), which counts as
    /// constant.
    /// </summary>
    public double StandardDeviation { get; init; } = 1;
}
