namespace Facto.AspNetCore.Errors;

/// <summary>The request is the client's mistake.</summary>
/// <param name="status">A status from 400 to 499.</param>
/// <param name="message">One sentence: what was found, what is allowed.</param>
internal class RequestException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}

/// <summary>Something that a request names is not there: 404.</summary>
internal sealed class NotThereException(string message) : RequestException(404, message);
