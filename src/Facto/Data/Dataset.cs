using Facto.Data;
using Facto.Data.Building;
using Facto.Numerics;

namespace Facto;

/// <summary>
/// Users, items and contexts as tables of sparse rows over one shared feature space, and the interactions that join them:
/// example i is the union of its user's, its item's and its context's features. A flat libFM file has contexts only.
/// </summary>
public sealed partial class Dataset
{
    /// <summary>Joins the parts and checks that they go together.</summary>
    /// <exception cref="ArgumentException">A column refers to a table that is not there.</exception>
    internal Dataset(
        FeatureSchema schema, Interactions interactions, SparseRows? users = null, SparseRows? items = null, SparseRows? contexts = null)
    {
        Schema = schema;
        Interactions = interactions;
        Users = users;
        Items = items;
        Contexts = contexts;
        if ((users is null) != (interactions.Users is null) || (items is null) != (interactions.Items is null)
            || (contexts is null && interactions.Contexts is not null)
            || (contexts is not null && interactions.Contexts is null && contexts.RowCount != interactions.Count))
        {
            throw new ArgumentException("the interactions' columns do not match the tables");
        }
    }

    /// <summary>The fields and their features; <see cref="FeatureSchema.FeatureCount"/> is n.</summary>
    internal FeatureSchema Schema { get; }

    /// <summary>One row per user, null in a flat dataset.</summary>
    internal SparseRows? Users { get; }

    /// <summary>One row per item, null in a flat dataset.</summary>
    internal SparseRows? Items { get; }

    /// <summary>One row per context, or per interaction when <see cref="Interactions.Contexts"/> is null.</summary>
    internal SparseRows? Contexts { get; }

    /// <summary>What happened.</summary>
    internal Interactions Interactions { get; }

    /// <summary>External user ids, row by row; null in a flat dataset.</summary>
    internal Vocabulary? UserIds { get; init; }

    /// <summary>External item ids, row by row; null in a flat dataset.</summary>
    internal Vocabulary? ItemIds { get; init; }

    /// <summary>Titles to show, one per item row; null when the source has none.</summary>
    internal TextColumn? ItemTitles { get; init; }

    /// <summary>
    /// True when each context row holds a part of its user's history: then what the user has elsewhere is known to the query too.
    /// </summary>
    internal bool HasFoldedHistory { get; init; }

    /// <summary>What made it, of a dataset that was built in memory: it can be split in other ways.</summary>
    internal DatasetAssembler? Source { get; init; }

    /// <summary>The rows of <see cref="Source"/> that it holds.</summary>
    internal int[] SourceRows { get; init; } = [];

    /// <summary>Of held-out users what is known before they are judged; null without.</summary>
    internal Dataset? KnownHistory { get; set; }

    /// <summary>What became of every row, of a dataset that <see cref="DatasetBuilder{T}"/> built; null otherwise.</summary>
    public DatasetReport? Report { get; internal set; }

    /// <summary>True when there are no sides.</summary>
    internal bool IsFlat => Users is null && Items is null;

    /// <summary>Number of examples.</summary>
    public int Count => Interactions.Count;

    /// <summary>n, the number of features.</summary>
    public int FeatureCount => Schema.FeatureCount;

    /// <summary>The label of an example.</summary>
    /// <param name="example">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public float Label(int example) => Interactions.Labels[example];

    /// <summary>How much an example counts, above 0; 1 when the data has no weights.</summary>
    /// <param name="example">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public float Weight(int example)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)example, (uint)Count, nameof(example));
        return Interactions.Weights?[example] ?? 1;
    }

    /// <summary>
    /// Copies the features of an example and their values x: those of its user, its item and its context, one after the other.
    /// </summary>
    /// <param name="example">0 … <see cref="Count"/> − 1.</param>
    /// <param name="features">Takes feature numbers, 0 … <see cref="FeatureCount"/> − 1, none twice.</param>
    /// <param name="values">Takes as many values.</param>
    /// <returns>How many features there are; when a span is shorter, nothing was copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public int CopyFeatures(int example, Span<int> features, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)example, (uint)Count, nameof(example));
        SparseRow user = Users is null ? default : Users[Interactions.Users![example]];
        SparseRow item = Items is null ? default : Items[Interactions.Items![example]];
        SparseRow context = Contexts is null ? default : Contexts[ContextRow(example)];
        int count = user.Count + item.Count + context.Count;
        if (features.Length >= count && values.Length >= count)
        {
            user.CopyTo(features, values);
            item.CopyTo(features[user.Count..], values[user.Count..]);
            context.CopyTo(features[(user.Count + item.Count)..], values[(user.Count + item.Count)..]);
        }

        GC.KeepAlive(this);
        return count;
    }

    /// <summary>The context row of an example, or −1.</summary>
    internal int ContextRow(int example) => Contexts is null
        ? -1
        : Interactions.Contexts is null ? example : Interactions.Contexts[example];

    /// <summary>The same tables with the interactions at <paramref name="rows"/> only.</summary>
    internal Dataset Select(ReadOnlySpan<int> rows) =>
        WithInteractions(Interactions.Select(rows, implicitContexts: Contexts is not null && Interactions.Contexts is null));

    /// <summary>The same tables with other interactions.</summary>
    internal Dataset WithInteractions(Interactions interactions) =>
        new(Schema, interactions, Users, Items, Contexts)
        {
            UserIds = UserIds,
            ItemIds = ItemIds,
            ItemTitles = ItemTitles,
            HasFoldedHistory = HasFoldedHistory
        };

    /// <summary>The same interactions with other labels.</summary>
    internal Dataset WithLabels(NativeBlock<float> labels) => new(
        Schema,
        new Interactions
        {
            Users = Interactions.Users,
            Items = Interactions.Items,
            Contexts = Interactions.Contexts,
            Labels = labels,
            Weights = Interactions.Weights,
            Times = Interactions.Times,
        },
        Users,
        Items,
        Contexts)
    {
        UserIds = UserIds,
        ItemIds = ItemIds,
        ItemTitles = ItemTitles,
        HasFoldedHistory = HasFoldedHistory,
        Source = Source,
        SourceRows = SourceRows,
        KnownHistory = KnownHistory,
        Report = Report,
    };
}
