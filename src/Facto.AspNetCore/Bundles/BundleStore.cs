using Facto.AspNetCore.Errors;
using Facto.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Bundles;

/// <summary>
/// The bundle that answers. A new one is opened, checked and tried before one reference is exchanged; a request keeps the recommender that
/// it began with, and the old bundle's files are let go when its last request is done. A bundle that does not open changes nothing.
/// </summary>
internal sealed class BundleStore : IRecommenderSource
{
    private readonly string _folder;
    private readonly ILogger<BundleStore> _log;
    private readonly Lock _swapping = new();
    private volatile Recommender _current;
    private string? _refused;

    public BundleStore(IOptions<FactoOptions> options, ILogger<BundleStore> log)
    {
        (_folder, _log) = (options.Value.BundleFolder!, log);
        _current = Try(BundleFolder.Open(_folder));
    }

    /// <summary>What answers now: read it once per request.</summary>
    public Recommender Current => _current;

    /// <summary>True when the served folder holds versions, so that there is something to follow and to roll back to.</summary>
    public bool IsFolder => !File.Exists(Path.Combine(_folder, "manifest.json"));

    public IReadOnlyList<string> Versions => IsFolder ? BundleFolder.Versions(_folder) : [_current.Bundle.Manifest.Version];

    /// <summary>Serves the folder's current bundle; returns whether that is another one than before.</summary>
    public bool Reload()
    {
        lock (_swapping)
        {
            string? wanted = IsFolder ? BundleFolder.Current(_folder) : null;
            if (wanted is null || wanted == _current.Bundle.Manifest.Version) { return false; }
            _current = Try(BundleFolder.Open(_folder));
            _refused = null;
            FactoLog.Serving(_log, wanted);
            return true;
        }
    }

    /// <summary>Makes a version the folder's current one and serves it (a roll-forward or a rollback).</summary>
    public void Activate(string version)
    {
        if (!IsFolder || !Versions.Contains(version))
        {
            throw new NotThereException($"there is no bundle version '{version}'; there are {string.Join(", ", Versions)}");
        }
        lock (_swapping)
        {
            Recommender tried = Try(Bundle.Open(Path.Combine(_folder, version)));
            BundleFolder.SetCurrent(_folder, version);
            _current = tried;
            FactoLog.Serving(_log, version);
        }
    }

    /// <summary>Reload for the watcher: a bundle that cannot be served is logged once and the present one stays.</summary>
    public void Follow()
    {
        try
        {
            Reload();
        }
        catch (Exception e) when (e is FactoException or InvalidDataException or IOException)
        {
            if (e.Message != _refused) { Report(e); }
            _refused = e.Message;
        }
    }

    /// <summary>Logs why a bundle was not taken.</summary>
    public void Report(Exception reason) => FactoLog.Refused(_log, _current.Bundle.Manifest.Version, reason.Message);

    // One answer touches model, vectors, index and titles before a user has to wait for it.
    private static Recommender Try(Bundle bundle)
    {
        var recommender = new Recommender(bundle);
        recommender.Recommend(new RecommendationRequest { Count = 10, Reasons = 1 });
        return recommender;
    }
}
