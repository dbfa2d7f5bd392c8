using Facto.Data;
using Facto.Models;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// A folder of bundles: one sub-folder per version, and the file "current" that names the one in use. A bundle is written under a temporary name and renamed when
/// it is whole; "current" is replaced by a rename. So a crash at any byte leaves the bundle in use as it was.
/// </summary>
public static class BundleFolder
{
    internal const string ModelFileName = "model.facto";
    internal const string DataFileName = "catalogue.facto";
    internal const string UsersFileName = "users.facto";
    internal const string ItemsFileName = "items.facto";
    internal const string ProjectFileName = "project.json";
    private const string CurrentFileName = "current";

    /// <summary>Writes a bundle and makes it the current one.</summary>
    /// <param name="folder">The folder of bundles; made when it is not there.</param>
    /// <param name="manifest">Version, recipe, metrics; counts, files and task are filled in here.</param>
    /// <param name="model">The model.</param>
    /// <param name="train">What it learnt from: tables, ids, titles, and the interactions that count as seen.</param>
    /// <param name="projectJson">The project that made it, or null.</param>
    /// <param name="threads">Workers for the vectors and the indexes, ≥ 1.</param>
    /// <param name="stages">What follows after <paramref name="model"/>, which then is the recall stage; null when one model does everything.</param>
    /// <param name="index">What finds the items; null scans all of them.</param>
    /// <param name="cancel">Stops the building of an index; nothing is left behind.</param>
    /// <exception cref="FactoException">The version exists already, is no name for a folder, or its index does not reach the requested recall.</exception>
    public static Bundle Write(string folder, BundleManifest manifest, ISeparableModel model, Dataset train, string? projectJson, int threads, StagePlan? stages = null, IndexOptions? index = null, CancellationToken cancel = default)
    {
        CheckNew(folder, manifest.Version);
        string final = Path.Combine(folder, manifest.Version), temporary = Path.Combine(folder, $".{manifest.Version}.{Environment.ProcessId}.tmp");
        RemoveLeftOvers(folder);
        Directory.CreateDirectory(temporary);
        try
        {
            Fill(temporary, manifest, model, train, projectJson, threads, stages, index, cancel);
            Directory.Move(temporary, final);
            File.Delete(Mark(folder, manifest.Version));
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }

        SetCurrent(folder, manifest.Version);
        return Bundle.Open(final);
    }

    /// <summary>Makes sure that a version can be written.</summary>
    /// <exception cref="FactoException">It exists already, or is no name for a folder.</exception>
    internal static void CheckNew(string folder, string version)
    {
        if (version.Length == 0 || version.AsSpan().ContainsAnyExcept(VersionCharacters) || version[0] == '.')
        {
            throw new FactoException($"'{version}' is no name for a bundle: use letters, digits, '-', '_' and '.'");
        }

        string final = Path.Combine(folder, version);
        if (!Directory.Exists(final)) { return; }
        throw new FactoException($"{final}: this version exists already; bundles are never changed, choose another version");
    }

    /// <summary>A name by the time that nobody else has got, also not another process in the same second.</summary>
    internal static string NewVersion(string folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        string name = now.ToString("yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture);
        for (int n = 1; ; n++)
        {
            string version = n == 1 ? name : $"{name}-{n}";
            if (Directory.Exists(Path.Combine(folder, version))) { continue; }
            try
            {
                // Whoever makes the mark has the name; it goes when the bundle is there.
                using FileStream mark = new(Mark(folder, version), FileMode.CreateNew);
                return version;
            }
            catch (IOException) when (File.Exists(Mark(folder, version)))
            {
            }
        }
    }

    private static string Mark(string folder, string version) => Path.Combine(folder, $".{version}.taken");

    /// <summary>The versions in the folder, oldest first by name.</summary>
    public static IReadOnlyList<string> Versions(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.GetDirectories(folder).Select(d => Path.GetFileName(d)!).Where(d => d[0] != '.' && File.Exists(Path.Combine(folder, d, "manifest.json"))).Order(StringComparer.Ordinal)];

    /// <summary>The version in use, or null when there is none.</summary>
    public static string? Current(string folder)
    {
        string path = Path.Combine(folder, CurrentFileName);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>Makes a version the one in use (also to roll back).</summary>
    /// <exception cref="FactoException">There is no such version.</exception>
    public static void SetCurrent(string folder, string version)
    {
        if (!File.Exists(Path.Combine(folder, version, "manifest.json"))) { throw new FactoException($"{folder}: there is no version '{version}'; it has {string.Join(", ", Versions(folder))}"); }
        string path = Path.Combine(folder, CurrentFileName), temporary = $"{path}.{Environment.ProcessId}.tmp";
        WriteFlushed(temporary, System.Text.Encoding.UTF8.GetBytes(version + "\n"));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Opens the bundle in use; <paramref name="path"/> may also be one bundle's own folder.</summary>
    /// <exception cref="FactoException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Bundle Open(string path)
    {
        if (File.Exists(Path.Combine(path, "manifest.json"))) { return Bundle.Open(path); }
        string version = Current(path) ?? throw new FactoException($"{path}: there is no bundle here; 'facto train' writes one");
        return Bundle.Open(Path.Combine(path, version));
    }

    private static readonly System.Buffers.SearchValues<char> VersionCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static void Fill(string folder, BundleManifest manifest, ISeparableModel model, Dataset train, string? projectJson, int threads, StagePlan? stages, IndexOptions? index, CancellationToken cancel)
    {
        ModelFile.Save(model, Path.Combine(folder, ModelFileName));
        DatasetFile.Save(train, Path.Combine(folder, DataFileName));
        VectorTable users = VectorExporter.Users(model, train, manifest.Recipe, threads), items = VectorExporter.Items(model, train, manifest.Recipe, threads);
        VectorTableFile.Save(users, Path.Combine(folder, UsersFileName));
        VectorTableFile.Save(items, Path.Combine(folder, ItemsFileName));
        IndexSet? indexes = BuildIndexes(items, users, train, threads, index, cancel);
        indexes?.Save(folder);
        stages?.Save(folder, train, threads);
        if (projectJson is not null) { WriteFlushed(Path.Combine(folder, ProjectFileName), System.Text.Encoding.UTF8.GetBytes(projectJson)); }
        BundleManifest whole = manifest with
        {
            Task = model.Task,
            Users = train.Users!.RowCount,
            Items = train.Items!.RowCount,
            Dimension = model.VectorDimension,
            Stages = stages?.Describe(),
            Index = indexes?.Kind ?? default,
            Recall = indexes?.Recall,
            Format = indexes is null ? BundleManifest.PlainFormat : BundleManifest.CurrentFormat,
            Files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f)!, BundleFile.Of),
        };
        WriteFlushed(Path.Combine(folder, "manifest.json"), whole.ToJson());
    }

    // Null when every item is scanned: then the vectors are all there is.
    private static IndexSet? BuildIndexes(VectorTable items, VectorTable users, Dataset train, int threads, IndexOptions? options, CancellationToken cancel)
    {
        options?.Validate();
        if (options is null || options.Resolve(items.Count, items.Dimension) == IndexKind.Exact) { return null; }
        var popularity = new float[items.Count];
        foreach (int item in train.Interactions.Items!.Span) { popularity[item]++; }
        return IndexSet.Build(items.Vectors, users.Vectors, popularity, options with { Graph = options.Graph with { Workers = threads } }, cancel: cancel);
    }

    private static void WriteFlushed(string path, byte[] bytes)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    // What a process that was killed left behind; a live writer's folder carries its process id and is younger than it.
    private static void RemoveLeftOvers(string folder)
    {
        if (!Directory.Exists(folder)) { return; }
        foreach (string left in Directory.GetDirectories(folder, ".*.tmp"))
        {
            string id = Path.GetFileNameWithoutExtension(left).Split('.')[^1];
            if (!int.TryParse(id, out int process) || process == Environment.ProcessId || !IsAlive(process)) { Directory.Delete(left, recursive: true); }
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using System.Diagnostics.Process found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
