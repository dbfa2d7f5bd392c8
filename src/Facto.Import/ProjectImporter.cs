using System.Text.Json;
using Facto.Data;
using Facto.Data.Building;

namespace Facto.Import;

/// <summary>Reads a project's sources and writes its dataset: parts train, validation and test over one schema, whole or not at all.</summary>
internal static class ProjectImporter
{
    /// <summary>Imports into <see cref="ProjectFile.DatasetPath"/>.</summary>
    /// <exception cref="FactoException">A source is missing or unreadable, or more rows are bad than the project tolerates.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing is left behind.</exception>
    public static ImportReport Run(ProjectFile project, IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        (Dictionary<string, Dataset> parts, ImportReport report) = Read(project, progress, cancellation);
        progress?.Report(new ImportProgress("writing", parts.Values.Sum(p => (long)p.Count)));
        // Beside negatives that were drawn, what users really have.
        if (project.Negatives is not null) { parts.Add(SeenLog.Name, SeenLog.Parts(parts["train"], SeenLog.Of(parts["train"]))[SeenLog.Name]); }
        DatasetFile.Save(parts, project.DatasetPath, JsonSerializer.SerializeToElement(report, ProjectJson.Options));
        return report;
    }

    /// <summary>The report that an import kept with its dataset; null when the dataset came from elsewhere.</summary>
    internal static ImportReport? ReportOf(DatasetFile file) => file.Note is { } note ? note.Deserialize<ImportReport>(ProjectJson.Options) : null;

    /// <summary>Reads the parts into memory without writing them.</summary>
    /// <inheritdoc cref="Run(ProjectFile, IProgress{ImportProgress}?, CancellationToken)"/>
    public static (Dictionary<string, Dataset> Parts, ImportReport Report) Read(ProjectFile project, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var notes = new SortedDictionary<string, long>();
        EntityTable? users = ReadTable(project, FieldSide.User, notes, progress, cancellation);
        EntityTable? items = ReadTable(project, FieldSide.Item, notes, progress, cancellation);
        (LogColumns log, ImportReport report) = ReadLog(project, progress, cancellation);
        progress?.Report(new ImportProgress("encoding", log.Count));
        int title = project.Items?.Title is { } column ? items!.Columns.ToList().IndexOf(column) : -1;
        var plan = new AssemblyPlan(
            [.. ProjectFields.SpecsOf(project).Select(f => ProjectFields.Bind(project, f, users, items))], project.Interactions.Repeated, project.Negatives,
            project.Interactions.Label is not null);
        var assembler = new DatasetAssembler(plan, log, users, items, title < 0 ? null : id => items!.Value(id, title));
        Dictionary<string, Dataset> parts = assembler.Build(project.Split, cancellation);
        Dataset train = parts["train"];
        if (train.Count == 0) { throw new FactoException($"no row of {project.Interactions.Path} is left for training: {report.Rows} were read, {report.BadRows} are bad, {report.Excluded.Values.Sum()} excluded by rule"); }
        return (parts, report with
        {
            Repeated = assembler.RepeatedCount,
            TableNotes = notes,
            Users = train.Users!.RowCount,
            Items = train.Items!.RowCount,
            Negatives = assembler.NegativeCount,
            Parts = parts.ToDictionary(p => p.Key, p => p.Value.Count),
            Features = train.Schema.Fields.ToDictionary(f => f.Spec.Name, f => f.Count),
        });
    }

    private static (LogColumns Log, ImportReport Report) ReadLog(ProjectFile project, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        using var source = new SourceReader(project.Interactions, project.DataFolder);
        var reader = new LogReader(project.Interactions, project.Split.Kind == SplitKind.Column ? project.Split.Column : null, ProjectFields.ContextColumns(project));
        var bad = new BadRows(project.Interactions);
        source.Read(reader.Columns(), row => Report(reader.Take(row), source, progress, "reading log"), bad.Add, cancellation);
        bad.Check(project.MaxBadRows, source.RowCount);
        if (reader.Undecided > 0) { source.Excluded["label between negativeUpTo and positiveFrom"] = reader.Undecided; }
        return (reader.Log, new ImportReport { Rows = source.RowCount, BadRows = bad.Count, BadReasons = bad.Reasons, FirstBadRows = bad.First(), Excluded = source.Excluded });
    }

    private static EntityTable? ReadTable(ProjectFile project, FieldSide side, SortedDictionary<string, long> notes, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        EntitySource? entities = side == FieldSide.User ? project.Users : project.Items;
        if (entities is null) { return null; }
        string[] columns = ProjectFields.TableColumns(project, side);
        using var source = new SourceReader(entities, project.DataFolder);
        var table = new EntityTable(columns);
        var bad = new BadRows(entities);
        string step = side == FieldSide.User ? "reading users" : "reading items";
        source.Read([entities.Id, .. columns], row => Report(table.Take(row), source, progress, step), bad.Add, cancellation);
        bad.Check(project.MaxBadRows, source.RowCount);
        if (bad.Count > 0) { notes[$"{entities.Path}: bad rows"] = bad.Count; }
        if (table.RepeatedRows > 0) { notes[$"{entities.Path}: rows whose id was there already"] = table.RepeatedRows; }
        return table;
    }

    private static string? Report(string? result, SourceReader source, IProgress<ImportProgress>? progress, string step)
    {
        if (source.RowCount % 50_000 == 0) { progress?.Report(new ImportProgress(step, source.RowCount)); }
        return result;
    }
}
