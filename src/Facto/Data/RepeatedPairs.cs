using System.Text.Json.Serialization;

namespace Facto.Data;

/// <summary>What happens when one user and item meet more than once.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RepeatedPairs>))]
public enum RepeatedPairs
{
    /// <summary>The last one stays (by time, then by the order in the log).</summary>
    KeepLast,

    /// <summary>One stays, its label is the sum.</summary>
    Sum,

    /// <summary>All stay.</summary>
    KeepAll,

    /// <summary>The build or import fails and shows one.</summary>
    Error,
}
