namespace Facto.Data.Text;

/// <summary>Which text a file of sparse rows holds.</summary>
internal enum SparseTextFormat
{
    /// <summary>"label feature:value feature:value …", also known as libSVM and SVMlight.</summary>
    LibFm,

    /// <summary>"label field:feature:value field:feature:value …".</summary>
    LibFfm,

    /// <summary>
    /// "label [importance] ['tag]|namespace feature[:value] … |namespace …", Vowpal Wabbit's: features have names, namespaces are fields.
    /// </summary>
    VowpalWabbit,
}

/// <summary>How to read libFM, libSVM and libFFM text. Immutable; change with <c>with</c>.</summary>
internal sealed record SparseTextOptions
{
    /// <summary>The format; null looks at the first row.</summary>
    public SparseTextFormat? Format { get; init; }

    /// <summary>Labels of at least this become 1 and all others 0 (0.5 maps −1/1 and 0/1); null keeps the labels.</summary>
    public float? PositiveFrom { get; init; }

    /// <summary>
    /// The labels are for a binary task: 0 and 1, or −1 (which becomes 0) and 1; others are refused. With <see cref="PositiveFrom"/> any
    /// are taken.
    /// </summary>
    public bool BinaryLabels { get; init; }

    /// <summary>
    /// libFM's group file (--meta there): line i holds the field number of feature i. Null: fields are taken from the file (libFFM), or
    /// inferred when every row has one feature of value 1 in each of several disjoint ranges, or else all features are one field.
    /// </summary>
    public string? GroupsPath { get; init; }

    /// <summary>
    /// Whether the first line of <see cref="GroupsPath"/> is feature 0, as libFM numbers them, or feature 1. Null: feature 0, unless the
    /// rows have no feature 0 and their last feature would then have no line.
    /// </summary>
    public bool? ZeroBased { get; init; }

    /// <summary>
    /// Read into the fields of an existing schema (of a trained model); features that it does not have are left out and counted.
    /// </summary>
    public FeatureSchema? Schema { get; init; }

    /// <summary>
    /// Read into the fields of an existing schema and append to it what it does not have: every number stays the feature that it was, so
    /// that a model over this schema can go on learning.
    /// </summary>
    internal FeatureSchema? Grow { get; init; }

    /// <summary>So many bad lines are left out and counted; one more is an error. ≥ 0.</summary>
    public long MaxBadLines { get; init; }

    /// <summary>
    /// Rows may have no label, as files to predict do: then they begin with a feature. The first row says which; their labels are 0.
    /// </summary>
    public bool LabelsOptional { get; init; }

    internal void Validate()
    {
        if (MaxBadLines < 0) { throw new FactoException($"MaxBadLines is {MaxBadLines}: it must be 0 or more"); }
        if (PositiveFrom is { } threshold && !float.IsFinite(threshold))
        {
            throw new FactoException($"PositiveFrom is {threshold}: it must be a finite number");
        }
        if (Schema is not null && GroupsPath is not null)
        {
            throw new FactoException("GroupsPath and Schema were both given: a schema has its fields already, leave the groups out");
        }
    }
}

/// <summary>What was read: one dataset per part (train, validation, test …), all over the same schema.</summary>
/// <param name="Parts">In the order in which the parts were given.</param>
internal sealed record SparseTextData(IReadOnlyList<Dataset> Parts)
{
    /// <summary>The format that was found or asked for.</summary>
    public SparseTextFormat Format { get; init; }

    /// <summary>Bytes of text read, after decompression.</summary>
    public long Bytes { get; init; }

    /// <summary>Lines that were left out.</summary>
    public long BadLineCount { get; init; }

    /// <summary>The first few lines that were left out, each with file, line and reason.</summary>
    public IReadOnlyList<string> FirstBadLines { get; init; } = [];

    /// <summary>
    /// Whether the rows have labels (of a binary task: its labels); false only with <see cref="SparseTextOptions.LabelsOptional"/>.
    /// </summary>
    public bool HasLabels { get; init; } = true;

    /// <summary>What was read, column by column, to be shown: format, labels, fields with their features.</summary>
    public IReadOnlyList<string> Statement { get; init; } = [];

    /// <summary>Features left out because <see cref="SparseTextOptions.Schema"/> does not have them.</summary>
    public long UnknownFeatureCount { get; init; }
}
