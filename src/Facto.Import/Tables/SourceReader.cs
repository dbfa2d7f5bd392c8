namespace Facto.Import;

/// <summary>
/// Reads a table's files in the order of files and rows, every value as the file spells it. Rows that a rule excludes are counted; rows
/// that cannot be
/// taken apart are bad rows.
/// </summary>
internal sealed class SourceReader : IDisposable
{
    private const int BatchOfRules = 2048;

    private readonly TableSource _source;
    private readonly string[] _files;
    private RowReader? _first;

    /// <exception cref="FactoException">There is no such file, it cannot be read, or it names no columns.</exception>
    public SourceReader(TableSource source, string folder)
    {
        _source = source;
        _files = SourceFiles.Find(source.Path, folder);
        _first = Open(_files[0]);
        Columns = _first.Columns;
    }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows read, bad and excluded ones included.</summary>
    public long RowCount { get; private set; }

    /// <summary>Rows left out by rule, by reason.</summary>
    public SortedDictionary<string, long> Excluded { get; } = [];

    /// <summary>Calls <paramref name="take"/> with copies of the wanted columns of every row that is not excluded.</summary>
    public void Read(IReadOnlyList<string> columns, Func<string?[], string?> take, Action<BadRow> bad, CancellationToken cancellation) =>
        ReadRows(columns, row => take(row.ToArray()), bad, cancellation);

    /// <summary>Calls <paramref name="take"/> with the wanted columns of every row that is not excluded; it answers null or why the row
    /// is bad.</summary>
    public void ReadRows(IReadOnlyList<string> columns, TakeRow take, Action<BadRow> bad, CancellationToken cancellation)
    {
        using ExcludeRules? rules = _source.Exclude.Count == 0 ? null : new ExcludeRules(_source, Columns);
        foreach (string file in _files)
        {
            using RowReader reader = Interlocked.Exchange(ref _first, null) ?? Open(file);
            int[] positions = [.. columns.Select(c => PositionOf(c, reader, file))];
            if (rules is null) { ReadFile(reader, file, positions, take, bad, cancellation); }
            else { ReadFile(reader, file, positions, rules, take, bad, cancellation); }
        }
    }

    /// <summary>Shows the first rows that can be taken apart, until <paramref name="more"/> answers false; rules are passed over.</summary>
    public void ReadSome(IReadOnlyList<string> columns, Func<RowValues, bool> more)
    {
        using RowReader reader = Interlocked.Exchange(ref _first, null) ?? Open(_files[0]);
        var row = new RowValues();
        reader.Want([.. columns.Select(c => PositionOf(c, reader, _files[0]))]);
        while (reader.Next(row) && (reader.Fault is not null || more(row))) { }
    }

    public void Dispose() => _first?.Dispose();

    private void ReadFile(RowReader reader, string file, int[] positions, TakeRow take, Action<BadRow> bad, CancellationToken cancellation)
    {
        var row = new RowValues();
        reader.Want(positions);
        while (reader.Next(row))
        {
            if ((RowCount++ & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            if ((reader.Fault ?? take(row)) is { } reason) { bad(new BadRow(file, reader.Line, reason)); }
        }
    }

    // Rules may name any column, so all are read and the rows wait for their answer in batches.
    private void ReadFile(RowReader reader, string file, int[] positions, ExcludeRules rules, TakeRow take, Action<BadRow> bad,
        CancellationToken cancellation)
    {
        if (!reader.Columns.SequenceEqual(Columns))
        {
            throw new FactoException(
                $"{file}: its columns differ from those of {_files[0]}: exclude rules need the same columns in the same order");
        }

        var row = new RowValues();
        var rows = new List<string?[]>();
        var lines = new List<long>();
        reader.Want([.. Enumerable.Range(0, Columns.Count)]);
        while (reader.Next(row))
        {
            if ((RowCount++ & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            if (reader.Fault is { } fault)
            {
                bad(new BadRow(file, reader.Line, fault));
                continue;
            }

            rows.Add(row.ToArray());
            lines.Add(reader.Line);
            if (rows.Count == BatchOfRules) { Flush(); }
        }

        Flush();

        void Flush()
        {
            int[] which = rules.Which(rows);
            var wanted = new RowValues();
            for (int r = 0; r < rows.Count; r++)
            {
                if (which[r] >= 0)
                {
                    string rule = _source.Exclude[which[r]].Reason;
                    Excluded[rule] = Excluded.GetValueOrDefault(rule) + 1;
                    continue;
                }

                wanted.Begin(positions.Length);
                for (int c = 0; c < positions.Length; c++) { wanted.Set(c, rows[r][positions[c]]); }
                if (take(wanted) is { } reason) { bad(new BadRow(file, lines[r], reason)); }
            }

            rows.Clear();
            lines.Clear();
        }
    }

    private int PositionOf(string column, RowReader reader, string file)
    {
        int at = -1;
        for (int c = 0; c < reader.Columns.Count; c++)
        {
            if (reader.Columns[c] != column) { continue; }
            if (at >= 0)
            {
                throw new FactoException(
                    $"{_source.Path} has the column '{column}' twice (columns {at + 1} and {c + 1}): say which is which by naming all "
                        + $"its columns in 'columns'");
            }

            at = c;
        }

        if (at >= 0) { return at; }
        string? nearest = reader.Columns.MinBy(c => ProjectText.Distance(c, column));
        string near = nearest is not null && ProjectText.Distance(nearest, column) <= Math.Max(1, column.Length / 3)
            ? $"; did you mean '{nearest}'?" : string.Empty;
        string shown = reader.Columns.Count > 40 ? $"{string.Join(", ", reader.Columns.Take(40))} and {reader.Columns.Count - 40} more"
            : string.Join(", ", reader.Columns);
        throw new FactoException($"{(_files.Length > 1 ? file : _source.Path)} has no column '{column}'{near}; its columns are {shown}");
    }

    private RowReader Open(string file) => FormatOf(file) switch
    {
        TableFormat.Parquet => new ParquetTable(file),
        TableFormat.JsonLines => new JsonTable(file, _source),
        TableFormat.Lists => new ListTable(file, _source),
        TableFormat.Matrix => new MatrixTable(file, _source),
        _ => new DelimitedTable(file, _source),
    };

    private TableFormat FormatOf(string file) => _source.Format != TableFormat.Auto ? _source.Format : Compression.ByName(file);
}
