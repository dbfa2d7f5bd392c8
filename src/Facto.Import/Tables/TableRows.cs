namespace Facto.Import;

/// <summary>The rows of any table that a project could have as a source (CSV, TSV, JSON, Parquet, compressed, patterns of files), every
/// value as text.</summary>
internal sealed class TableRows : IDisposable
{
    private readonly TableSource _source;
    private readonly SourceReader _reader;

    /// <summary>Opens a table by its file name.</summary>
    /// <param name="path">File, or pattern of files with * and ?.</param>
    /// <exception cref="FactoException">There is no such file, or it names no columns.</exception>
    public TableRows(string path)
        : this(new TableSource { Path = path })
    {
    }

    /// <summary>Opens a table that is laid out as <paramref name="source"/> says.</summary>
    /// <inheritdoc cref="TableRows(string)"/>
    public TableRows(TableSource source)
    {
        _source = source;
        _reader = new SourceReader(_source, Directory.GetCurrentDirectory());
    }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns => _reader.Columns;

    /// <summary>Gives every row in the table's order.</summary>
    /// <param name="columns">The wanted columns.</param>
    /// <param name="take">Called with their values.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <exception cref="FactoException">A row cannot be taken apart; the message names file and line.</exception>
    public void Read(IReadOnlyList<string> columns, Action<IReadOnlyList<string?>> take, CancellationToken cancellation)
    {
        var bad = new BadRows(_source);
        _reader.Read(columns, row => { take(row); return null; }, bad.Add, cancellation);
        if (bad.Count > 0) { throw new FactoException($"{bad.Count} rows cannot be read, the first is {bad.First()[0]}"); }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
