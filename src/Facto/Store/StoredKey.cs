namespace Facto.Store;

/// <summary>What a key may do; scopes add up.</summary>
[Flags]
internal enum KeyScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask for recommendations and look things up.</summary>
    Read = 1,

    /// <summary>Post events.</summary>
    Events = 2,

    /// <summary>Write items and users.</summary>
    Items = 4,

    /// <summary>Everything, keys and bundles included.</summary>
    Admin = 8,
}

/// <summary>A key as the store knows it: never the secret, only its hash.</summary>
internal sealed record StoredKey
{
    /// <summary>Public part, by which it is listed and revoked.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the secret, 32 bytes.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What it may do.</summary>
    public required KeyScopes Scopes { get; init; }

    /// <summary>Who has it, for people; may be empty.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>In microseconds since 1970-01-01 UTC.</summary>
    public required long Created { get; init; }

    /// <summary>No longer valid from then on; null for ever.</summary>
    public long? Expires { get; init; }

    /// <summary>When it was revoked; null while it is valid.</summary>
    public long? Revoked { get; init; }
}
