namespace Facto.Import;

/// <summary>What a user says about their files because a look cannot see it; all optional.</summary>
internal sealed record InitHints
{
    /// <summary>The file of the log.</summary>
    public string? Log { get; init; }

    /// <summary>The log's column of the user id.</summary>
    public string? User { get; init; }

    /// <summary>The log's column of the item id.</summary>
    public string? Item { get; init; }

    /// <summary>The log's column of the label; "none" for none.</summary>
    public string? Label { get; init; }

    /// <summary>The log's column of the time; "none" for none.</summary>
    public string? Time { get; init; }

    /// <summary>The file of the users; "none" for none.</summary>
    public string? Users { get; init; }

    /// <summary>The file of the items; "none" for none.</summary>
    public string? Items { get; init; }
}

/// <summary>What a look at a folder came to.</summary>
/// <param name="Text">The facto.json, commented.</param>
/// <param name="Understood">What was understood and how sure it is, line by line.</param>
/// <param name="Preview">The first rows as they were understood: a heading and rows of the same width.</param>
internal sealed record ProjectProposal(string Text, IReadOnlyList<string> Understood, IReadOnlyList<IReadOnlyList<string>> Preview);
