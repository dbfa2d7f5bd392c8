namespace Facto.Import;

/// <summary>A table of users or items and how it joins the log.</summary>
/// <param name="File">The table.</param>
/// <param name="Id">Its id column.</param>
/// <param name="Found">Share of the log's ids (of those that were looked at) that have a row.</param>
/// <param name="Why">Why it is taken for one.</param>
internal sealed record SideTable(FileLook File, ColumnProfile Id, double Found, string Why)
{
    private const int MostRows = 3_000_000;

    /// <summary>The table among <paramref name="files"/> that describes the ids of a log's column, or null.</summary>
    public static SideTable? Find(IEnumerable<FileLook> files, LogRoles log, ColumnProfile key, ColumnRole side, string folder,
        string? hinted)
    {
        if (hinted == "none") { return null; }
        HashSet<string> wanted = [.. key.Values.Where(v => v.Length > 0)];
        string option = side == ColumnRole.User ? "--users" : "--items";
        if (hinted is not null)
        {
            FileLook file = files.FirstOrDefault(f => f.Name == hinted || f.Source.Path == hinted
                || f.Path == System.IO.Path.GetFullPath(hinted))
                ?? throw new FactoException(
                    $"{option} {hinted}: no such table was found in {folder}; there are "
                        + $"{string.Join(", ", files.Select(f => f.Source.Path))}");
            return Best(Candidates(file, key, side, wanted, folder, asked: true))
                ?? throw new FactoException($"{option} {hinted}: none of its columns has ids of the log's column '{key.Name}'");
        }

        return Best(files.Where(f => f.Path != log.File.Path && f.Kind == FileKind.Table).SelectMany(f =>
            Candidates(f, key, side, wanted, folder)).Where(c => c.Score >= 1));
    }

    private static SideTable? Best(IEnumerable<(SideTable? Table, double Score)> candidates) =>
        candidates.OrderByDescending(c => c.Score).FirstOrDefault().Table;

    private static IEnumerable<(SideTable? Table, double Score)> Candidates(FileLook file, ColumnProfile key, ColumnRole side,
        HashSet<string> wanted, string folder, bool asked = false)
    {
        bool called = Called(file.Name, side) > Called(file.Name, side == ColumnRole.User ? ColumnRole.Item : ColumnRole.User);
        bool other = Called(file.Name, side == ColumnRole.User ? ColumnRole.Item : ColumnRole.User) > Called(file.Name, side);
        foreach (ColumnProfile column in file.Columns.Where(c => c.CanBeId && c.Distinct >= 0.95 * c.Filled))
        {
            bool sameName = ColumnWords.Plain(column.Name) == ColumnWords.Plain(key.Name) && file.Source.Header;
            double word = ColumnWords.Fit(column.Name, side);
            bool plainId = ColumnWords.Plain(column.Name) == "id" || column.Position == 0;
            if (!asked && !sameName && word == 0 && !(called && plainId) && column.IsNumeric) { continue; }
            double found = Share(file, column, wanted, folder);
            // Any numbers from 1 on are found among others: without a name that says so, all must be.
            if (found < (column.IsNumeric && !sameName && !asked ? 0.9 : 0.3)) { continue; }
            double score = found + (sameName ? 0.6 : 0) + (word > 0 ? 0.3 : 0) + (called ? 0.5 : 0) - (other ? 0.8 : 0)
                + (column.Position == 0 ? 0.1 : 0) + (column.IsNumeric ? 0 : 0.3);
            string why = sameName ? "a column is called alike and holds the ids" : called
                ? "the file is called so and its first column holds the ids" : "a column holds the ids";
            yield return (new SideTable(file, column, found, why), score);
        }
    }

    private static double Called(string name, ColumnRole side) =>
        System.IO.Path.GetFileName(name).Split('.', '_', '-', ' ').Max(word => word.Length < 2 ? 0
        : Math.Max(ColumnWords.Fit(word, side), Math.Max(ColumnWords.Fit(word.TrimEnd('s'), side),
            word.Equals("meta", StringComparison.OrdinalIgnoreCase) && side == ColumnRole.Item ? 0.5 : 0)));

    // All ids of the table, not only of its beginning: the log's ids may stand anywhere.
    private static double Share(FileLook file, ColumnProfile column, HashSet<string> wanted, string folder)
    {
        if (wanted.Count == 0) { return 0; }
        var found = new HashSet<string>();
        int rows = 0;
        using var reader = new SourceReader(file.Source, folder);
        reader.ReadSome([column.Name], row =>
        {
            if (row.Text(0) is { } id && wanted.Contains(id)) { found.Add(id); }
            return ++rows < MostRows && found.Count < wanted.Count;
        });
        return (double)found.Count / wanted.Count;
    }
}
