namespace Facto.Data;

/// <summary>
/// As <see cref="DurableFile"/>, for a folder of files that appear together: it is filled under a name of its own and renamed when it is
/// whole.
/// </summary>
internal sealed class DurableFolder : IDisposable
{
    private readonly string _parent;
    private readonly TemporaryHome _home;

    /// <summary>Begins to fill a folder that will stand in <paramref name="parent"/>.</summary>
    public DurableFolder(string parent)
    {
        _parent = System.IO.Path.GetFullPath(parent);
        _home = TemporaryHome.In(_parent);
        Path = System.IO.Path.Combine(_home.Path, "content");
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where the files are written, each durably by itself.</summary>
    public string Path { get; }

    /// <summary>
    /// Gives the folder its name, once. False when something of that name is there already, from any process: then nothing happened.
    /// </summary>
    public bool TryCommit(string name)
    {
        string final = System.IO.Path.Combine(_parent, name);
        DiskFolder.Flush(Path);
        if (System.IO.Path.Exists(final)) { return false; }
        try { Directory.Move(Path, final); }
        catch (IOException) when (System.IO.Path.Exists(final) && Directory.Exists(Path)) { return false; }
        DiskFolder.Flush(_parent);
        return true;
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose() => _home.Dispose();
}
