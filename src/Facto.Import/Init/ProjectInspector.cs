namespace Facto.Import;

/// <summary>Looks at the files of a folder and proposes a commented facto.json: which is the log, which columns are ids, label, time and
/// title, what joins it.</summary>
internal static class ProjectInspector
{
    private const int MostFiles = 200, Depth = 3;

    /// <summary>A facto.json for the files in <paramref name="folder"/>.</summary>
    /// <param name="folder">Where the files lie, some folders deep at most.</param>
    /// <param name="projectFolder">Where the facto.json will stand; beside the files when null.</param>
    /// <param name="hints">What the user says about the files.</param>
    /// <exception cref="FactoException">No file looks like a log; the message says what was found and how to say what is what.</exception>
    public static ProjectProposal Propose(string folder, string? projectFolder = null, InitHints? hints = null)
    {
        if (!Directory.Exists(folder)) { throw new FactoException($"{folder}: there is no such folder"); }
        hints ??= new InitHints();
        FileLook[] files = [.. Files(folder, Depth).Take(MostFiles).Select(f => FileLooker.LookAt(f, folder)).OfType<FileLook>()];
        string relative = Path.GetRelativePath(projectFolder ?? folder, folder);
        FileLook[] asked = hints.Log is { } named ? [Named(files, named, folder)] : files;
        LogRoles[] candidates = [.. asked.Select(f => LogRoles.Of(f, hints)).Where(r => r.IsLog
            || (r.User is not null && r.Item is not null && (hints.User ?? hints.Item ?? hints.Log) is not null))];
        CheckHints(asked, hints);
        LogRoles? log = Choose(candidates);
        FileLook? flat = FlatOf(asked);
        // Two columns guessed by their values alone do not outweigh a flat file or a click log.
        if (flat is not null && (log is null || log.Score < 0.75 || (flat.Kind == FileKind.Sparse && log.Score < 1)
            || LooksLikeClicks(log, flat)))
        {
            return new FlatProposal(folder, relative, flat, GivenSplit.Of(flat, files), hints).Propose();
        }

        if (log is null) { throw new FactoException(NothingFound(folder, files)); }
        (log, LogSurvey survey) = Settle(log, folder, hints);
        SideTable? users = SideTable.Find(files, log, log.User!.Column, ColumnRole.User, folder, hints.Users);
        SideTable? items = SideTable.Find(files.Where(f => f != users?.File), log, log.Item!.Column, ColumnRole.Item, folder, hints.Items);
        return new SidedProposal(folder, relative, log, survey, users, items, GivenSplit.Of(log.File, files)).Propose();
    }

    // The whole log may say what its first rows did not: a time that is often empty is none, another column may be.
    private static (LogRoles Log, LogSurvey Survey) Settle(LogRoles log, string folder, InitHints hints)
    {
        List<string> noTimes = [];
        while (true)
        {
            var survey = LogSurvey.Of(log, folder);
            if (log.Time is null || hints.Time is not null || survey.NoTime <= 0.01 * survey.Rows)
            {
                log.NameColumns();
                return (log, survey);
            }

            noTimes.Add(log.Time.Column.Name);
            log = LogRoles.Of(log.File, hints, noTimes);
        }
    }

    // Of logs that are as sure the one with more: a training file's held-out partners are no logs of their own.
    private static LogRoles? Choose(LogRoles[] candidates)
    {
        LogRoles[] whole = [.. candidates.Where(c => !GivenSplit.IsHeldOut(c.File))];
        if (whole.Length == 0) { whole = candidates; }
        if (whole.Length == 0) { return null; }
        double best = whole.Max(c => c.Score);
        return whole.Where(c => c.Score >= best - 0.35).MaxBy(c => c.File.Bytes);
    }

    // Rows of numbered features, or a table that begins (or ends) with a label of two values and knows no users.
    private static FileLook? FlatOf(FileLook[] files)
    {
        FileLook[] sparse = [.. files.Where(f => f.Kind == FileKind.Sparse && !GivenSplit.IsHeldOut(f))];
        return sparse.Where(f => GivenSplit.IsTrain(f)).MaxBy(f => f.Bytes) ?? sparse.MaxBy(f => f.Bytes)
            ?? files.Where(f => f.Kind == FileKind.Table && f.Columns.Count >= 4 && !GivenSplit.IsHeldOut(f)
                && FlatProposal.LabelOf(f, new InitHints()) is not null).MaxBy(f => f.Bytes);
    }

    // Columns without names behind a first one of 0 and 1: click logs begin with their label, logs of users and items with the user.
    private static bool LooksLikeClicks(LogRoles log, FileLook flat) =>
        log.File == flat && !flat.Source.Header && log.User is { Sure: < 0.9 }
            && FlatProposal.LabelOf(flat, new InitHints()) is { Position: 0 };

    private static void CheckHints(FileLook[] files, InitHints hints)
    {
        foreach ((string? column, string option) in new[] { (hints.User, "--user"), (hints.Item, "--item"), (hints.Label, "--label"),
            (hints.Time, "--time") })
        {
            if (column is null or "none" || files.Any(f => f.Columns.Any(c => ColumnWords.Plain(c.Name) == ColumnWords.Plain(column)
                || c.Name == column)))
            {
                continue;
            }

            throw new FactoException(
                $"{option} {column}: no file has such a column; {string.Join("; ", files.Where(f => f.Columns.Count > 0).Select(Says))}");
        }
    }

    private static FileLook Named(FileLook[] files, string name, string folder) =>
        files.FirstOrDefault(f => f.Name == name || f.Source.Path == name || f.Path == Path.GetFullPath(name))
        ?? throw new FactoException(
            $"--log {name}: no such table was found in {folder}; there are {string.Join(", ", files.Select(f => f.Source.Path))}");

    private static string NothingFound(string folder, FileLook[] files)
    {
        if (files.Length == 0)
        {
            return $"{folder}: no table was found; there must be a file with one row per user and item (CSV, TSV, JSON, Parquet, lists, "
                + $"libFM), compressed or not";
        }
        string found = string.Join("; ", files.Where(f => f.Columns.Count > 0).Select(Says));
        return $"{folder}: no file has both a user and an item column that come again ({found}): say which they are with --user COLUMN "
            + $"and --item COLUMN (and --log FILE)";
    }

    private static string Says(FileLook file) =>
        $"{file.Source.Path} has {string.Join(", ", file.Columns.Take(12).Select(c => c.Name))}"
            + (file.Columns.Count > 12 ? " …" : string.Empty);

    private static IEnumerable<string> Files(string folder, int depth)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)) { yield return file; }
        if (depth == 0) { yield break; }
        foreach (string inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(inner);
            // What Facto itself made, and hidden folders.
            if (name.StartsWith('.') || File.Exists(Path.Combine(inner, "dataset.facto"))) { continue; }
            foreach (string file in Files(inner, depth - 1)) { yield return file; }
        }
    }
}
