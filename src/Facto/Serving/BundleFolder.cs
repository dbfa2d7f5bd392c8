using Facto.Data;
using Facto.Models;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// A folder of bundles: one sub-folder per version, and the file "current" that names the one in use. A bundle is written under a name of
/// its own and renamed when it is whole (<see cref="DurableFolder"/>); "current" is replaced by a rename. So a crash at any byte leaves the
/// bundle in use as it was.
/// </summary>
internal static class BundleFolder
{
    internal const string ModelFileName = "model.facto";
    internal const string DataFileName = "catalogue.facto";
    internal const string UsersFileName = "users.facto";
    internal const string ItemsFileName = "items.facto";
    internal const string ProjectFileName = "project.json";
    private const string CurrentFileName = "current";

    /// <summary>Writes a bundle and makes it the current one.</summary>
    /// <param name="folder">The folder of bundles; made when it is not there.</param>
    /// <param name="manifest">
    /// Version, recipe, metrics; counts, files and task are filled in here. An empty version takes the time of
    /// <see cref="BundleManifest.Created"/>; when several programs want one name at once, all but the first get a number behind it.
    /// </param>
    /// <param name="model">The model.</param>
    /// <param name="train">What it learnt from: tables, ids, titles, and the interactions that count as seen.</param>
    /// <param name="projectJson">The project that made it, or null.</param>
    /// <param name="threads">Workers for the vectors and the indexes, ≥ 1.</param>
    /// <param name="stages">What follows after <paramref name="model"/>, which then is the recall stage; null when one model does
    /// everything.</param>
    /// <param name="index">What finds the items; null scans all of them.</param>
    /// <param name="seen">What users have already, in every split; null takes all that <paramref name="train"/> was split from.</param>
    /// <param name="cancel">Stops the building of an index; nothing is left behind.</param>
    /// <exception cref="FactoException">The version exists already, is no name for a folder, or its index does not reach the requested
    /// recall.</exception>
    public static Bundle Write(
        string folder, BundleManifest manifest, ISeparableModel model, Dataset train, string? projectJson, int threads,
            StagePlan? stages = null, IndexOptions? index = null,
        Interactions? seen = null, CancellationToken cancel = default)
    {
        if (manifest.Version.Length > 0) { CheckNew(folder, manifest.Version); }
        return Write(folder, BundleParts.Make(manifest, model, train, seen, threads, stages, index, cancel), projectJson, threads);
    }

    /// <summary>Writes a bundle that lies in memory and makes it the current one.</summary>
    internal static Bundle Write(string folder, BundleParts parts, string? projectJson, int threads)
    {
        BundleManifest manifest = parts.Manifest;
        bool isNamed = manifest.Version.Length > 0;
        if (isNamed) { CheckNew(folder, manifest.Version); }
        using var written = new DurableFolder(folder);
        BundleManifest whole = Fill(written.Path, parts, projectJson, threads);
        string version = Commit(written, whole, isNamed ? manifest.Version : TimeName(manifest.Created));
        SetCurrent(folder, version);
        return Bundle.Open(Path.Combine(folder, version));
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
        if (!Path.Exists(final)) { return; }
        throw new FactoException($"{final}: this version exists already; bundles are never changed, choose another version");
    }

    /// <summary>The versions in the folder, oldest first by name.</summary>
    public static IReadOnlyList<string> Versions(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.GetDirectories(folder).Select(d => Path.GetFileName(d)!)
            .Where(d => d[0] != '.' && File.Exists(Path.Combine(folder, d, "manifest.json"))).Order(StringComparer.Ordinal)];

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
        if (!File.Exists(Path.Combine(folder, version, "manifest.json")))
        {
            throw new FactoException($"{folder}: there is no version '{version}'; it has {string.Join(", ", Versions(folder))}");
        }
        DurableFile.WriteText(Path.Combine(folder, CurrentFileName), version + "\n");
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

    private static BundleManifest Fill(string folder, BundleParts parts, string? projectJson, int threads)
    {
        ModelFile.Save(parts.Model, Path.Combine(folder, ModelFileName));
        DatasetFile.Save(SeenLog.Parts(parts.Train, parts.Seen), Path.Combine(folder, DataFileName));
        VectorTableFile.Save(parts.Users, Path.Combine(folder, UsersFileName));
        VectorTableFile.Save(parts.Items, Path.Combine(folder, ItemsFileName));
        parts.Indexes.Save(folder);
        parts.Stages?.Save(folder, parts.Train, threads);
        if (projectJson is not null) { DurableFile.WriteText(Path.Combine(folder, ProjectFileName), projectJson); }
        return parts.Manifest with
        {
            Files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f)!, BundleFile.Of),
        };
    }

    // A name that another process took meanwhile gets a number: what was learnt is never lost for a name.
    private static string Commit(DurableFolder written, BundleManifest manifest, string wish)
    {
        for (int number = 1; ; number++)
        {
            string version = number == 1 ? wish : $"{wish}-{number}";
            DurableFile.WriteBytes(Path.Combine(written.Path, "manifest.json"), (manifest with { Version = version }).ToJson());
            if (written.TryCommit(version)) { return version; }
        }
    }

    private static string TimeName(DateTimeOffset made) =>
        made.UtcDateTime.ToString("yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture);
}
