namespace Facto.AspNetCore;

/// <summary>
/// What the service answers from, and within which bounds. Checked when the host starts; all that is wrong is told at once.
/// </summary>
public sealed class FactoOptions
{
    /// <summary>Name of the section that a configuration usually holds them in.</summary>
    public const string SectionName = "Facto";

    /// <summary>
    /// A folder of bundles (its current one is served, and a change of it is followed) or one bundle's own folder.
    /// Not read when a recommender comes from code.
    /// </summary>
    public string? BundleFolder { get; set; }

    /// <summary>How often the folder is looked at for a new current bundle: 10 ms to 1 day.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether what a user has had already is left out of lists when a request does not say; null does as the bundle was
    /// made to (retrieval.hideSeen of its project).</summary>
    public bool? HideSeen { get; set; }

    internal bool? IncludeSeen => !HideSeen;

    /// <summary>Longest request body in bytes: 1,024 to 1 GiB.</summary>
    public long MaxRequestBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Host names besides those of this machine's loopback by which a request without authorization may change something:
    /// what a reverse proxy on the same machine passes on.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];
}
