using Facto.Data;
using Facto.Data.Building;

namespace Facto;

/// <summary>
/// Users, items and contexts as tables of sparse rows over one shared feature space, and the interactions that join them:
/// example i is the union of its user's, its item's and its context's features. A flat libFM file has contexts only.
/// </summary>
public sealed partial class Dataset
{
    /// <summary>Joins the parts and checks that they go together.</summary>
    /// <exception cref="ArgumentException">A column refers to a table that is not there.</exception>
    public Dataset(FeatureSchema schema, Interactions interactions, SparseRows? users = null, SparseRows? items = null, SparseRows? contexts = null)
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
    public FeatureSchema Schema { get; }

    /// <summary>One row per user, null in a flat dataset.</summary>
    public SparseRows? Users { get; }

    /// <summary>One row per item, null in a flat dataset.</summary>
    public SparseRows? Items { get; }

    /// <summary>One row per context, or per interaction when <see cref="Interactions.Contexts"/> is null.</summary>
    public SparseRows? Contexts { get; }

    /// <summary>What happened.</summary>
    public Interactions Interactions { get; }

    /// <summary>External user ids, row by row; null in a flat dataset.</summary>
    public Vocabulary? UserIds { get; init; }

    /// <summary>External item ids, row by row; null in a flat dataset.</summary>
    public Vocabulary? ItemIds { get; init; }

    /// <summary>Titles to show, one per item row; null when the source has none.</summary>
    public TextColumn? ItemTitles { get; init; }

    /// <summary>True when each context row holds a part of its user's history: then what the user has elsewhere is known to the query too.</summary>
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
    public bool IsFlat => Users is null && Items is null;

    /// <summary>Number of examples.</summary>
    public int Count => Interactions.Count;

    /// <summary>The context row of an example, or −1.</summary>
    public int ContextRow(int example) => Contexts is null ? -1 : Interactions.Contexts is null ? example : Interactions.Contexts[example];

    /// <summary>The same tables with the interactions at <paramref name="rows"/> only.</summary>
    public Dataset Select(ReadOnlySpan<int> rows) =>
        WithInteractions(Interactions.Select(rows, implicitContexts: Contexts is not null && Interactions.Contexts is null));

    /// <summary>The same tables with other interactions.</summary>
    public Dataset WithInteractions(Interactions interactions) =>
        new(Schema, interactions, Users, Items, Contexts) { UserIds = UserIds, ItemIds = ItemIds, ItemTitles = ItemTitles, HasFoldedHistory = HasFoldedHistory };
}
