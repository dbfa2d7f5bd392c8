using Facto.Serving;

namespace Facto.Server.Bundles;

/// <summary>
/// The bundle that answers. A new one is opened, checked and tried before one reference is exchanged; a request keeps the recommender that it began with,
/// and the old bundle's files are let go when its last request is done. A bundle that does not open changes nothing.
/// </summary>
internal sealed partial class BundleStore
{
    private readonly FactoServerOptions _options;
    private readonly ILogger<BundleStore> _log;
    private readonly Lock _swapping = new();
    private volatile Recommender _current;
    private string? _refused;

    public BundleStore(FactoServerOptions options, ILogger<BundleStore> log)
    {
        (_options, _log) = (options, log);
        _current = Try(BundleFolder.Open(options.BundleFolder));
    }

    /// <summary>What answers now: read it once per request.</summary>
    public Recommender Current => _current;

    /// <summary>True when the served folder holds versions, so that there is something to follow and to roll back to.</summary>
    public bool IsFolder => !File.Exists(Path.Combine(_options.BundleFolder, "manifest.json"));

    public IReadOnlyList<string> Versions => IsFolder ? BundleFolder.Versions(_options.BundleFolder) : [_current.Bundle.Manifest.Version];

    /// <summary>Serves the folder's current bundle; returns whether that is another one than before.</summary>
    public bool Reload()
    {
        lock (_swapping)
        {
            string? wanted = IsFolder ? BundleFolder.Current(_options.BundleFolder) : null;
            if (wanted is null || wanted == _current.Bundle.Manifest.Version) { return false; }
            _current = Try(BundleFolder.Open(_options.BundleFolder));
            _refused = null;
            LogServing(_log, wanted);
            return true;
        }
    }

    /// <summary>Makes a version the folder's current one and serves it (a roll-forward or a rollback).</summary>
    public void Activate(string version)
    {
        if (!IsFolder || !Versions.Contains(version)) { throw new NotThereException($"there is no bundle version '{version}'; there are {string.Join(", ", Versions)}"); }
        lock (_swapping)
        {
            Recommender tried = Try(Bundle.Open(Path.Combine(_options.BundleFolder, version)));
            BundleFolder.SetCurrent(_options.BundleFolder, version);
            _current = tried;
            LogServing(_log, version);
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
            if (e.Message != _refused) { LogRefused(_log, _current.Bundle.Manifest.Version, e.Message); }
            _refused = e.Message;
        }
    }

    // One answer touches model, vectors, index and titles before a user has to wait for it.
    private static Recommender Try(Bundle bundle)
    {
        var recommender = new Recommender(bundle);
        recommender.Recommend(new RecommendationRequest { Count = 10, Reasons = 1 });
        return recommender;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "serving bundle {Version}")]
    private static partial void LogServing(ILogger log, string version);

    [LoggerMessage(Level = LogLevel.Error, Message = "still serving bundle {Version}: {Reason}")]
    private static partial void LogRefused(ILogger log, string version, string reason);
}
