namespace Facto.Import;

/// <summary>One file of a table, row after row. A row that cannot be taken apart is a row with a fault.</summary>
internal abstract class RowReader : IDisposable
{
    /// <summary>Names of the columns as the file has them; a name may stand twice.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>What is wrong with the row, or null.</summary>
    public string? Fault { get; protected set; }

    /// <summary>The line on which the row begins, from 1; in a Parquet file the row.</summary>
    public long Line { get; protected set; }

    /// <summary>Names the columns whose values are wanted, before the first row: positions in <see cref="Columns"/>.</summary>
    public abstract void Want(IReadOnlyList<int> columns);

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="FactoException">The file cannot be read on.</exception>
    public abstract bool Next(RowValues row);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
