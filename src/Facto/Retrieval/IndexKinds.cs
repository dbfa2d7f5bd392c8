using System.Collections.Concurrent;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;

namespace Facto.Retrieval;

/// <summary>
/// The kinds of index by name: what facto.json, the command line and a bundle's manifest call them. A kind of one's own is a class with
/// <see cref="IApproximateIndex"/> and one call of <see cref="Register"/> before the first use, in every program that opens such bundles.
/// </summary>
public static class IndexKinds
{
    private static readonly ConcurrentDictionary<string, RegisteredKind> Registered = new(StringComparer.OrdinalIgnoreCase)
    {
        ["graph"] = new(
            "graph.facto", s => GraphIndex.Build(s.Items, s.Users, s.Options.Graph, s.Progress, s.Cancel), path => GraphFile.Open(path)),
        ["ivf"] = new("lists.facto", s => IvfIndex.Build(s.Items, s.Users, s.Options.Ivf, s.Cancel), path => IvfFile.Open(path)),
    };

    /// <summary>Every kind that can be asked for.</summary>
    public static IReadOnlyList<string> Names => ["auto", "exact", "bounded", .. Registered.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a kind.</summary>
    /// <param name="name">1 to 32 of a–z, 0–9 and '-'; capitals do not matter. A bundle's file is named for it.</param>
    /// <param name="build">Makes the index of a catalogue.</param>
    /// <param name="open">Opens the file that <see cref="IApproximateIndex.Save(string)"/> wrote. It throws InvalidDataException, with the
    /// path, when the file is damaged.</param>
    /// <exception cref="ArgumentException">The name is taken or unusable.</exception>
    public static void Register(string name, Func<IndexSource, IApproximateIndex> build, Func<string, IApproximateIndex> open)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(open);
        if (name.Length is 0 or > 32 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"'{name}' is no name for an index kind: use 1 to 32 of a-z, 0-9 and '-'", nameof(name));
        }

        if (name is "auto" or "exact" or "bounded" || !Registered.TryAdd(name, new RegisteredKind($"{name}.index", build, open)))
        {
            throw new ArgumentException($"there is an index kind '{name}' already", nameof(name));
        }
    }

    internal static bool IsKnown(IndexKind kind) => Names.Contains(kind.Name, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="FactoException">There is no such kind.</exception>
    internal static RegisteredKind Find(IndexKind kind) => Registered.TryGetValue(kind.Name, out RegisteredKind? found)
        ? found
        : throw Unknown(kind);

    internal static FactoException Unknown(IndexKind kind) => new(
        $"there is no index kind '{kind.Name}': choose {string.Join(", ", Names)}, or register it (IndexKinds.Register) before it is used");
}

/// <summary>What an index is built from.</summary>
public sealed class IndexSource
{
    internal IndexSource(
        Numerics.RowMatrix items, Numerics.RowMatrix? users, IndexOptions options, IProgress<double>? progress, CancellationToken cancel)
    {
        Items = items;
        Users = users;
        Options = options;
        Progress = progress;
        Cancel = cancel;
    }

    /// <summary>Item vectors, finite, one per row; results name these rows. Do not keep the matrix: copy what the index needs.</summary>
    public Numerics.RowMatrix Items { get; }

    /// <summary>Real user vectors of the same length, finite; null when there are none.</summary>
    public Numerics.RowMatrix? Users { get; }

    /// <summary>What was asked for.</summary>
    public IndexOptions Options { get; }

    /// <summary>Told the finished share, 0 to 1; null when nobody listens.</summary>
    public IProgress<double>? Progress { get; }

    /// <summary>Stops the build.</summary>
    public CancellationToken Cancel { get; }
}

/// <summary>A kind that makes approximate indexes.</summary>
/// <param name="FileName">The file in a bundle.</param>
/// <param name="Build">Makes one.</param>
/// <param name="Open">Opens one.</param>
internal sealed record RegisteredKind(string FileName, Func<IndexSource, IApproximateIndex> Build, Func<string, IApproximateIndex> Open);
