using System.IO.Compression;
using System.Security.Cryptography;
using Facto.Data;

namespace Facto.Cli.Demo;

/// <summary>MovieLens latest-small, fetched from its owner and kept; nothing of it ships with Facto.</summary>
internal static class MovieLens
{
    /// <summary>What whoever uses it agrees to, and whom to cite.</summary>
    public const string Terms =
        "MovieLens latest-small by GroupLens: no commercial use without permission, redistribution only under the same terms; "
        + "cite F. M. Harper and J. A. Konstan, The MovieLens Datasets, ACM TiiS 5(4), 2015; the terms stand in the README beside the "
            + "data at files.grouplens.org/datasets/movielens";

    private const string Address = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip";
    private const long MaxBytes = 16 << 20;

    // SHA-256 of the two files that are used (edition of September 2018).
    private static readonly Dictionary<string, string> Checksums = new()
    {
        ["movies.csv"] = "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07",
        ["ratings.csv"] = "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646",
    };

    /// <summary>True when the folder holds both files.</summary>
    public static bool IsThere(string folder) => Checksums.Keys.All(f => File.Exists(Path.Combine(folder, f)));

    /// <summary>Fetches into <paramref name="folder"/>; null when it is there now, else the reason why it cannot be had.</summary>
    public static async Task<string?> FetchAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20), MaxResponseContentBufferSize = MaxBytes };
            byte[] zip = await client.GetByteArrayAsync(new Uri(Address), cancellation);
            folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            using var whole = new DurableFolder(Path.GetDirectoryName(folder)!);
            if (await UnpackAsync(zip, whole.Path, cancellation) is { } wrong) { return wrong; }
            return whole.TryCommit(Path.GetFileName(folder)) || IsThere(folder) ? null : $"{folder}: it exists and is not the data set";
        }
        catch (Exception e) when (
            e is HttpRequestException or IOException or InvalidDataException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return e.Message;
        }
    }

    /// <summary>Takes the two files out of the archive and checks them; null when they are what they should be.</summary>
    internal static async Task<string?> UnpackAsync(byte[] zip, string folder, CancellationToken cancellation)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        foreach ((string name, string checksum) in Checksums)
        {
            ZipArchiveEntry? entry = archive.Entries.FirstOrDefault(e => e.Name == name);
            if (entry is null || entry.Length > MaxBytes) { return $"the archive holds no {name} of a sensible size"; }
            string path = Path.Combine(folder, name);
            await entry.ExtractToFileAsync(path, overwrite: true, cancellation);
            await using FileStream stream = File.OpenRead(path);
            string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
            if (found != checksum) { return $"{name} has the checksum {found}, expected {checksum}: it is another edition"; }
        }

        return null;
    }
}
