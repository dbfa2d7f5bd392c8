using System.Globalization;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Splits a flat dataset, whose rows repeat the same user and item features over and over, into user, item and context tables.
/// </summary>
internal static class TwoSided
{
    /// <summary>Splits one dataset.</summary>
    /// <inheritdoc cref="FromFlat(IReadOnlyList{Dataset}, IReadOnlyList{FieldSide})"/>
    public static Dataset FromFlat(Dataset flat, params IReadOnlyList<FieldSide> sides) => FromFlat([flat], sides)[0];

    /// <summary>
    /// Splits parts (train, validation, test) that share a schema; the results share their user and item tables. A side's first field is
    /// its id: every example has exactly one feature of it, and the side's other features are the same in all examples with that id.
    /// </summary>
    /// <param name="parts">Flat datasets over one schema.</param>
    /// <param name="sides">The side of each field of the schema, in order.</param>
    /// <exception cref="FactoException">The map does not fit the schema, or a side's features are no function of its id; the message names
    /// the example.</exception>
    public static IReadOnlyList<Dataset> FromFlat(IReadOnlyList<Dataset> parts, IReadOnlyList<FieldSide> sides)
    {
        FeatureSchema flat = parts[0].Schema;
        if (parts.Any(
            p => !p.IsFlat || p.Contexts is null || p.Interactions.Contexts is not null || p.Schema.FeatureCount != flat.FeatureCount))
        {
            throw new FactoException("only flat datasets over one schema can be split into sides");
        }

        if (sides.Count != flat.Fields.Count)
        {
            throw new FactoException(
                $"the map gives {sides.Count} sides, but the data has {flat.Fields.Count} fields "
                    + $"({string.Join(", ", flat.Fields.Select(f => f.Spec.Name).Take(12))}): name one side per field");
        }

        if (!sides.Contains(FieldSide.User) || !sides.Contains(FieldSide.Item))
        {
            throw new FactoException("the map needs at least one user field and one item field");
        }
        var schema = new FeatureSchema(flat.Fields.Select((f, i) => f with { Spec = f.Spec with { Side = sides[i] } }));
        var sideOf = new byte[flat.FeatureCount];
        for (int f = 0; f < sides.Count; f++) { sideOf.AsSpan(flat.Fields[f].Offset, flat.Fields[f].Count).Fill((byte)sides[f]); }
        SideTable users = Split(parts, schema, sideOf, FieldSide.User), items = Split(parts, schema, sideOf, FieldSide.Item);
        bool withContexts = sides.Contains(FieldSide.Context);
        return [.. parts.Select((part, p) =>
        {
            var interactions = new Interactions
            {
                Users = users.Columns[p],
                Items = items.Columns[p],
                Labels = part.Interactions.Labels,
                Weights = part.Interactions.Weights,
                Times = part.Interactions.Times,
            };
            SparseRows? contexts = withContexts ? Contexts(part.Contexts!, sideOf) : null;
            return new Dataset(schema, interactions, users.Rows, items.Rows, contexts) { UserIds = users.Ids, ItemIds = items.Ids };
        })];
    }

    private static SideTable Split(IReadOnlyList<Dataset> parts, FeatureSchema schema, byte[] sideOf, FieldSide side)
    {
        Field id = schema.Fields.First(f => f.Spec.Side == side);
        (int Part, int Row)[] firstSeen = FirstRows(parts, id, side);
        var table = new SparseRowsBuilder();
        var names = new List<string>();
        int[] rowOf = new int[id.Count];
        for (int local = 0; local < id.Count; local++)
        {
            if (firstSeen[local].Part < 0) { continue; }
            rowOf[local] = table.RowCount;
            AddSide(table, parts[firstSeen[local].Part].Contexts![firstSeen[local].Row], sideOf, side);
            table.EndRow();
            names.Add(id.Vocabulary?[local] ?? (id.Offset + local).ToString(CultureInfo.InvariantCulture));
        }

        SparseRows rows = table.Build();
        NativeBlock<int>[] columns = [.. parts.Select(part => Column(part, rows, rowOf, id, sideOf))];
        return new SideTable(rows, columns, new Vocabulary(names));
    }

    // The first example of each id, in any part.
    private static (int Part, int Row)[] FirstRows(IReadOnlyList<Dataset> parts, Field id, FieldSide side)
    {
        var first = new (int Part, int Row)[id.Count];
        Array.Fill(first, (-1, -1));
        for (int p = 0; p < parts.Count; p++)
        {
            for (int r = 0; r < parts[p].Count; r++)
            {
                int local = IdOf(parts[p].Contexts![r], id);
                if (local < 0)
                {
                    throw new FactoException(
                        $"example {r + 1} has {(local == -1 ? "no feature" : "several features")} of field '{id.Spec.Name}', the "
                            + $"{Name(side)} id: every example needs exactly one");
                }

                if (first[local].Part < 0) { first[local] = (p, r); }
            }
        }

        return first;
    }

    private static NativeBlock<int> Column(Dataset part, SparseRows table, int[] rowOf, Field id, byte[] sideOf)
    {
        var column = new NativeBlock<int>((long)part.Count);
        Span<int> target = column.Span;
        for (int r = 0; r < part.Count; r++)
        {
            SparseRow row = part.Contexts![r];
            target[r] = rowOf[IdOf(row, id)];
            if (!SameSide(row, table[target[r]], sideOf, (byte)id.Spec.Side))
            {
                throw new FactoException(
                    $"example {r + 1} has other {Name(id.Spec.Side)} features than an earlier example with the same {id.Spec.Name}: "
                        + $"they depend on more than the {Name(id.Spec.Side)}, give their fields to the context side");
            }
        }

        return column;
    }

    private static int IdOf(SparseRow row, Field id)
    {
        int found = -1;
        foreach (int feature in row.Features)
        {
            if ((uint)(feature - id.Offset) >= (uint)id.Count) { continue; }
            if (found >= 0) { return -2; }
            found = feature - id.Offset;
        }

        return found;
    }

    // Files keep a row's features in one order as a rule; another order of the same features is looked up.
    private static bool SameSide(SparseRow row, SparseRow expected, byte[] sideOf, byte side)
    {
        int met = 0;
        for (int i = 0; i < row.Count; i++)
        {
            if (sideOf[row.Features[i]] != side) { continue; }
            if (met >= expected.Count) { return false; }
            int at = expected.Features[met] == row.Features[i] ? met : expected.Features.IndexOf(row.Features[i]);
            if (at < 0 || expected.Value(at) != row.Value(i)) { return false; }
            met++;
        }

        return met == expected.Count;
    }

    private static SparseRows Contexts(SparseRows rows, byte[] sideOf)
    {
        var contexts = new SparseRowsBuilder();
        for (int r = 0; r < rows.RowCount; r++)
        {
            AddSide(contexts, rows[r], sideOf, FieldSide.Context);
            contexts.EndRow();
        }

        return contexts.Build();
    }

    private static void AddSide(SparseRowsBuilder target, SparseRow row, byte[] sideOf, FieldSide side)
    {
        for (int i = 0; i < row.Count; i++)
        {
            if (sideOf[row.Features[i]] == (byte)side) { target.Add(row.Features[i], row.Value(i)); }
        }
    }

    private static string Name(FieldSide side) => side == FieldSide.User ? "user" : "item";

    private sealed record SideTable(SparseRows Rows, NativeBlock<int>[] Columns, Vocabulary Ids);
}
