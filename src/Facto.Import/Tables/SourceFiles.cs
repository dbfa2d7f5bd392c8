using System.IO.Enumeration;

namespace Facto.Import;

/// <summary>The files that a path names: the file of that very name, or, where there is none, those that match it as a pattern with *
/// and ?.</summary>
internal static class SourceFiles
{
    public static string[] Find(string path, string folder)
    {
        if (path == Data.Text.TextFile.StandardInput) { return [path]; }
        string full = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, path));
        if (File.Exists(full)) { return [full]; }
        if (Directory.Exists(full))
        {
            throw new FactoException(
            $"{full}: it is a folder; name a file in it, or several by a pattern such as {System.IO.Path.Combine(path, "*.csv")}");
        }
        string[] found = path.AsSpan().ContainsAny('*', '?') ? [.. Match(full).Order(StringComparer.Ordinal)] : [];
        if (found.Length > 0) { return found; }
        throw new FactoException($"no file matches {full}: check the project's data folder and path{Near(full)}");
    }

    // Folder by folder: each name of the path may be a pattern.
    private static IEnumerable<string> Match(string full)
    {
        string root = System.IO.Path.GetPathRoot(full) ?? string.Empty;
        string[] names = full[root.Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> folders = [root];
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i];
            bool last = i == names.Length - 1;
            folders = [.. folders.SelectMany(f => Within(f, name, last))];
        }

        return folders;
    }

    private static IEnumerable<string> Within(string folder, string name, bool file)
    {
        string exact = System.IO.Path.Combine(folder, name);
        if (file ? File.Exists(exact) : Directory.Exists(exact)) { return [exact]; }
        if (!name.AsSpan().ContainsAny('*', '?')) { return []; }
        IEnumerable<string> all = file ? Directory.EnumerateFiles(folder) : Directory.EnumerateDirectories(folder);
        return all.Where(p => FileSystemName.MatchesSimpleExpression(name, System.IO.Path.GetFileName(p), ignoreCase: false));
    }

    private static string Near(string full)
    {
        string? folder = System.IO.Path.GetDirectoryName(full);
        if (folder is null || !Directory.Exists(folder)) { return string.Empty; }
        string name = System.IO.Path.GetFileName(full);
        string? nearest = Directory.EnumerateFiles(folder).Select(f => System.IO.Path.GetFileName(f)!).MinBy(f =>
            ProjectText.Distance(f, name));
        return nearest is not null && ProjectText.Distance(nearest, name) <= Math.Max(2, name.Length / 3) ? $"; did you mean {nearest}?"
            : string.Empty;
    }
}
