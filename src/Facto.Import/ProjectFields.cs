using Facto.Data;
using Facto.Data.Building;

namespace Facto.Import;

/// <summary>Which column of which table a project's fields read.</summary>
internal static class ProjectFields
{
    /// <summary>The fields of a project; none given means the two ids.</summary>
    public static IReadOnlyList<FieldSpec> SpecsOf(ProjectFile project) => project.Fields.Count > 0 ? project.Fields :
    [
        new FieldSpec { Name = "user", Side = FieldSide.User },
        new FieldSpec { Name = "item", Side = FieldSide.Item },
    ];

    /// <summary>Columns of the log that context fields need.</summary>
    public static string[] ContextColumns(ProjectFile project) =>
        [.. SpecsOf(project).Where(f => f.Side == FieldSide.Context).Select(Column).Distinct()];

    /// <summary>Columns of the user or item table that its side's fields need.</summary>
    public static string[] TableColumns(ProjectFile project, FieldSide side)
    {
        EntitySource? source = side == FieldSide.User ? project.Users : project.Items;
        IEnumerable<string> columns = SpecsOf(project).Where(f => f.Side == side && f.Kind != FieldKind.Bag && !IsIdField(project, f))
            .Select(Column);
        return [.. columns.Concat(source?.Title is { } title ? [title] : []).Distinct()];
    }

    /// <summary>A field with the table that it reads.</summary>
    /// <exception cref="FactoException">It needs a table that the project does not have.</exception>
    public static FieldValues Bind(ProjectFile project, FieldSpec spec, EntityTable? users, EntityTable? items)
    {
        if (spec.Kind == FieldKind.Bag) { return FieldValues.OfBag(spec); }
        if (spec.Side == FieldSide.Context) { return FieldValues.OfContext(spec, Array.IndexOf(ContextColumns(project), Column(spec))); }
        if (IsIdField(project, spec)) { return FieldValues.OfId(spec); }
        EntityTable? table = spec.Side == FieldSide.User ? users : items;
        string side = spec.Side == FieldSide.User ? "user" : "item";
        if (table is null)
        {
            throw new FactoException(
                $"field '{spec.Name}' is on the {side} side and reads column '{Column(spec)}', but the project has no '{side}s' table: "
                + "add one (it may be the log's own file)");
        }

        return FieldValues.OfTable(spec, table.Columns.ToList().IndexOf(Column(spec)), table);
    }

    private static string Column(FieldSpec spec) => spec.Column ?? spec.Name;

    // The side's id column in the log or in its table, or a field simply called user or item.
    internal static bool IsIdField(ProjectFile project, FieldSpec spec)
    {
        if (spec.Side == FieldSide.Context) { return false; }
        (string log, string? table, string name) = spec.Side == FieldSide.User
            ? (project.Interactions.User, project.Users?.Id, "user") : (project.Interactions.Item, project.Items?.Id, "item");
        return spec.Column is { } column ? column == log || column == table : spec.Name == name || spec.Name == log || spec.Name == table;
    }
}
