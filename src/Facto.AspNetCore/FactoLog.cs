using Microsoft.Extensions.Logging;

namespace Facto.AspNetCore;

/// <summary>Everything that the service logs, with its event ids.</summary>
internal static partial class FactoLog
{
    [LoggerMessage(1, LogLevel.Information, "serving bundle {Version}")]
    public static partial void Serving(ILogger log, string version);

    [LoggerMessage(2, LogLevel.Error, "still serving bundle {Version}: {Reason}")]
    public static partial void Refused(ILogger log, string version, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Failed(ILogger log, Exception cause, string method, string? path);
}
