namespace Facto.Import;

/// <summary>What a file holds.</summary>
internal enum FileKind
{
    Table,
    Lists,
    Matrix,
    Sparse,
}

/// <summary>A file as the first look understands it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Source">How it is read; its path is relative to the data folder.</param>
/// <param name="Columns">Its columns with the first rows' values.</param>
internal sealed record FileLook(string Path, FileKind Kind, TableSource Source, IReadOnlyList<ColumnProfile> Columns)
{
    /// <summary>Bytes, unpacked or not.</summary>
    public long Bytes { get; } = new FileInfo(Path).Length;

    /// <summary>Rows that were looked at.</summary>
    public int Rows => Columns.Count == 0 ? 0 : Columns[0].Values.Count;

    public string Name => System.IO.Path.GetFileName(Path);

    public ColumnProfile? Column(string? name) => name is null ? null : Columns.FirstOrDefault(c => c.Name == name);
}
