using System.Runtime.InteropServices;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto;

/// <content>In memory, to a folder and back.</content>
public sealed partial class Recommender
{
    /// <summary>Makes a recommender of a fitted model, in memory.</summary>
    /// <param name="model">The model; what users have is every interaction of the data that it was made from, in every split.</param>
    /// <param name="index">What finds the items; null scans all of them, which is exact.</param>
    /// <param name="threads">Workers that make vectors and index, ≥ 1.</param>
    /// <param name="cancellationToken">Stops the building of an index.</param>
    /// <exception cref="FactoException">An option is out of range, or an approximate index does not reach its recall.</exception>
    public static Recommender Create(
        FactorizationMachine model, IndexOptions? index = null, int threads = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        cancellationToken.ThrowIfCancellationRequested();
        string fingerprint = DatasetFingerprint.Of(model.Train);
        var manifest = new BundleManifest { Version = "unnamed", DataFingerprint = fingerprint };
        BundleParts parts = BundleParts.Make(manifest, model.Model, model.Train, model.Seen, threads, null, index, cancellationToken);
        // Named by what is in it: the same model and data give the same name, without a clock.
        uint users = Checksum(parts.Users), items = Checksum(parts.Items);
        return new Recommender(
            Bundle.Of(parts with { Manifest = parts.Manifest with { Version = $"{fingerprint[..8]}-{users:x8}{items:x8}" } }));
    }

    /// <summary>
    /// Opens what <see cref="Save"/> or <c>facto train</c> wrote: a folder of bundles, or one bundle. Everything is used where it is
    /// mapped.
    /// </summary>
    /// <exception cref="FactoException">There is no bundle.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Recommender Open(string folder) => new(BundleFolder.Open(folder));

    /// <summary>
    /// Writes the recommender as a bundle of its own into a folder of bundles and makes it the current one, which <see cref="Open"/> and
    /// <c>facto serve</c> take.
    /// </summary>
    /// <param name="folder">Made when it is not there; the bundles that it holds stay, to go back to.</param>
    /// <exception cref="FactoException">The folder cannot hold bundles.</exception>
    public void Save(string folder)
    {
        // A bundle never changes: the same version is the same bundle.
        if (BundleFolder.Versions(folder).Contains(Version)) { BundleFolder.SetCurrent(folder, Version); }
        else { BundleFolder.Write(folder, Bundle.Parts(), null, threads: 1); }
    }

    private static uint Checksum(VectorTable table)
    {
        uint checksum = 0;
        for (int r = 0; r < table.Count; r++)
        {
            checksum = Mix(checksum, StableHash.Crc32C(MemoryMarshal.AsBytes(table.Vectors.Row(r))));
        }

        return checksum;
    }

    private static uint Mix(uint before, uint next) => (before * 0x9E3779B1u) ^ next;
}
