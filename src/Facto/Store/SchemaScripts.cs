namespace Facto.Store;

/// <summary>Checks the scripts that a database has had against those that this program knows.</summary>
internal static class SchemaScripts
{
    /// <summary>Refuses a database that a newer program has changed.</summary>
    /// <exception cref="FactoException">It has had a script that is unknown here.</exception>
    public static void RefuseNewer(string database, IEnumerable<string> executed, IEnumerable<string> known)
    {
        var names = known.ToHashSet();
        if (executed.FirstOrDefault(e => !names.Contains(e)) is { } unknown)
        {
            throw new FactoException(
                $"{database}: a newer Facto changed this store (script {unknown}); use that version, or restore a dump of this one");
        }
    }
}
