using System.Text.Json;
using Facto.Data;
using Facto.Data.Building;
using Facto.Models;

namespace Facto.Import;

/// <summary>
/// Reads a project's sources and writes its dataset: parts train, validation and test over one schema, whole or not at all.
/// </summary>
internal static class ProjectImporter
{
    /// <summary>Imports into <see cref="ProjectFile.DatasetPath"/>.</summary>
    /// <exception cref="FactoException">A source is missing or unreadable, or more rows are bad than the project tolerates.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing is left behind.</exception>
    public static ImportReport Run(
        ProjectFile project, IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        (Dictionary<string, Dataset> parts, ImportReport report) = Read(project, progress, cancellation);
        progress?.Report(new ImportProgress("writing", parts.Values.Sum(p => (long)p.Count)));
        // Beside negatives that were drawn, what users really have.
        if (project.Negatives is not null)
        {
            parts.Add(SeenLog.Name, SeenLog.Parts(parts["train"], SeenLog.Of(parts["train"]))[SeenLog.Name]);
        }
        DatasetFile.Save(parts, project.DatasetPath, JsonSerializer.SerializeToElement(report, ProjectJson.Options));
        return report;
    }

    /// <summary>The report that an import kept with its dataset; null when the dataset came from elsewhere.</summary>
    internal static ImportReport? ReportOf(DatasetFile file) => file.Note is { } note
        ? note.Deserialize<ImportReport>(ProjectJson.Options)
        : null;

    /// <summary>Reads the parts into memory without writing them.</summary>
    /// <inheritdoc cref="Run(ProjectFile, IProgress{ImportProgress}?, CancellationToken)"/>
    public static (Dictionary<string, Dataset> Parts, ImportReport Report) Read(
        ProjectFile project, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        if (project.Interactions.IsFlat)
        {
            (Dictionary<string, Dataset> Parts, ImportReport Report) flat = FlatImporter.Read(project, progress, cancellation);
            CheckLabels(project, flat.Parts);
            return flat;
        }

        var notes = new SortedDictionary<string, long>();
        var unread = new List<UnreadValues>();
        EntityTable? users = ReadTable(project, FieldSide.User, notes, unread, progress, cancellation);
        EntityTable? items = ReadTable(project, FieldSide.Item, notes, unread, progress, cancellation);
        (LogColumns log, ImportReport report) = ReadLog(project, unread, progress, cancellation);
        CheckJoin(project, project.Users, users, log.UserIds, "user", unread);
        CheckJoin(project, project.Items, items, log.ItemIds, "item", unread);
        progress?.Report(new ImportProgress("encoding", log.Count));
        int title = project.Items?.Title is { } column ? items!.Columns.ToList().IndexOf(column) : -1;
        var plan = new AssemblyPlan(
            [.. ProjectFields.SpecsOf(project).Select(f => ProjectFields.Bind(project, f, users, items))], project.Interactions.Repeated,
                project.Negatives,
            project.Interactions.Label is not null);
        var assembler = new DatasetAssembler(plan, log, users, items, title < 0 ? null : id => items!.Value(id, title));
        Dictionary<string, Dataset> parts = assembler.Build(project.Split, cancellation);
        Dataset train = parts["train"];
        if (train.Count == 0)
        {
            throw new FactoException(
                $"no row of {project.Interactions.Path} is left for training: {report.Rows} were read, {report.BadRows} are bad, "
                    + $"{report.Excluded.Values.Sum()} excluded by rule");
        }
        CheckLabels(project, parts);
        return (parts, report with
        {
            Repeated = assembler.RepeatedCount,
            TableNotes = notes,
            Unread = unread,
            Users = train.Users!.RowCount,
            Items = train.Items!.RowCount,
            Negatives = assembler.NegativeCount,
            Parts = parts.ToDictionary(p => p.Key, p => p.Value.Count),
            Features = train.Schema.Fields.ToDictionary(f => f.Spec.Name, f => f.Count),
        });
    }

    private static (LogColumns Log, ImportReport Report) ReadLog(
        ProjectFile project, List<UnreadValues> unread, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var reader = new LogReader(project.Interactions, project.Split, ProjectFields.ContextColumns(project));
        var bad = new BadRows(project.Interactions);
        List<string> columns = reader.Columns();
        var readings = ColumnReadings.Of(project, project.Interactions, columns, FieldSide.Context);
        var excluded = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long rows = 0;
        foreach ((InteractionSource log, byte split) in LogFiles(project))
        {
            using var source = new SourceReader(log, project.DataFolder);
            reader.FileSplit = split;
            var own = new RowValues();
            source.ReadRows(columns, row =>
            {
                if (readings.IsEmpty) { return Report(reader.Take(row), source, progress, "reading log"); }
                string?[] values = row.ToArray();
                readings.Apply(values);
                own.Begin(values.Length);
                for (int c = 0; c < values.Length; c++) { own.Set(c, values[c]); }
                return Report(reader.Take(own), source, progress, "reading log");
            }, bad.Add, cancellation);
            rows += source.RowCount;
            foreach ((string reason, long count) in source.Excluded) { excluded[reason] = excluded.GetValueOrDefault(reason) + count; }
        }

        bad.Check(project.MaxBadRows, rows);
        unread.AddRange(readings.Unread());
        ColumnReadings.Check(readings.Unread(), project.MaxUnread, project.Interactions.Path);
        if (reader.Undecided > 0) { excluded["label between negativeUpTo and positiveFrom"] = reader.Undecided; }
        return (reader.Log,
            new ImportReport
            {
                Rows = rows,
                BadRows = bad.Count,
                BadReasons = bad.Reasons,
                FirstBadRows = bad.First(),
                Excluded = excluded
            });
    }

    /// <summary>The files of the log with the split that each is for: one unless the split is given by files.</summary>
    internal static IEnumerable<(InteractionSource Log, byte Split)> LogFiles(ProjectFile project)
    {
        yield return (project.Interactions, 0);
        if (project.Split.ValidationPath is { } validation) { yield return (project.Interactions with { Path = validation }, 1); }
        if (project.Split.TestPath is { } test) { yield return (project.Interactions with { Path = test }, 2); }
    }

    private static EntityTable? ReadTable(
        ProjectFile project, FieldSide side, SortedDictionary<string, long> notes, List<UnreadValues> unread,
            IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        EntitySource? entities = side == FieldSide.User ? project.Users : project.Items;
        if (entities is null) { return null; }
        string[] columns = ProjectFields.TableColumns(project, side);
        var table = new EntityTable(columns);
        var bad = new BadRows(entities);
        string step = side == FieldSide.User ? "reading users" : "reading items";
        var readings = ColumnReadings.Of(project, entities, ["", .. columns], side);
        long rows = 0;
        // A side whose table is the log itself has rows in all files of the log.
        string[] paths = entities.Path == project.Interactions.Path ? [.. LogFiles(project).Select(f => f.Log.Path)] : [entities.Path];
        foreach (string path in paths)
        {
            using var source = new SourceReader(entities with { Path = path }, project.DataFolder);
            source.Read([entities.Id, .. columns], row =>
            {
                readings.Apply(row);
                return Report(table.Take(row), source, progress, step);
            }, bad.Add, cancellation);
            rows += source.RowCount;
        }

        bad.Check(project.MaxBadRows, rows);
        unread.AddRange(readings.Unread());
        ColumnReadings.Check(readings.Unread(), project.MaxUnread, entities.Path);
        if (bad.Count > 0) { notes[$"{entities.Path}: bad rows"] = bad.Count; }
        if (table.RepeatedRows > 0) { notes[$"{entities.Path}: rows whose id was there already"] = table.RepeatedRows; }
        return table;
    }

    private static void CheckLabels(ProjectFile project, Dictionary<string, Dataset> parts)
    {
        if (project.Training.Task != LearningTask.Binary || project.Interactions.PositiveFrom is not null || project.Negatives is not null)
        {
            return;
        }
        BinaryLabels.Normalise(
            [.. parts.Values.Select(p => p.Interactions.Labels)], project.Interactions.Path, from =>
                FormattableString.Invariant($"interactions.positiveFrom {from}"), learning: project.Stages is null);
    }

    // Ids of the log without a row in their table have no attributes: counted, and too many mean that the two do not belong together.
    private static void CheckJoin(
        ProjectFile project, EntitySource? source, EntityTable? table, IdTable log, string side, List<UnreadValues> unread)
    {
        if (source is null || table is null || table.Columns.Count == 0) { return; }
        var known = table.Ids.ToHashSet();
        List<string> missing = [.. log.Ids.Where(id => !known.Contains(id))];
        if (missing.Count == 0) { return; }
        string[] examples = [.. missing.Take(3)];
        unread.Add(new UnreadValues(source.Path, $"{side} ids of the log without a row", missing.Count, log.Ids.Count, examples));
        if (missing.Count <= project.MaxUnread * log.Ids.Count) { return; }
        bool asNumbers = missing.Count(id => known.Contains(ColumnReadings.Integer(id)!)) > missing.Count / 2;
        string remedy = asNumbers
            ? "they are the same as whole numbers: set \"ids\": \"integers\" to read them so"
            : "is it the right table, and the right id column? Otherwise raise maxUnread";
        throw new FactoException(
            $"{source.Path}: {missing.Count} of {log.Ids.Count} {side} ids of the log have no row in it "
                + $"({100.0 * missing.Count / log.Ids.Count:0.##} %), such as "
            + $"{string.Join(", ", examples.Select(e => $"'{e}'"))}, while its ids are such as "
                + $"{string.Join(", ", table.Ids.Take(3).Select(e => $"'{e}'"))}; maxUnread allows {100 * project.MaxUnread:0.##} %: "
                    + $"{remedy}");
    }

    private static string? Report(string? result, SourceReader source, IProgress<ImportProgress>? progress, string step)
    {
        if (source.RowCount % 50_000 == 0) { progress?.Report(new ImportProgress(step, source.RowCount)); }
        return result;
    }
}
