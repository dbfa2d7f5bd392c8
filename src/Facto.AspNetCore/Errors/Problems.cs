using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Facto.AspNetCore.Errors;

/// <summary>
/// Every error as problem details (RFC 9457) with one sentence that names no type and no path of the machine, whatever the client accepts:
/// a client that asked for something else is better served by a reason than by silence.
/// </summary>
internal static class Problems
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Answers with what an exception means; logs it when it is the service's own fault.</summary>
    public static Task Answer(HttpContext context, Exception exception, ILogger log)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested) { return Task.CompletedTask; }
        (int status, string detail) = exception switch
        {
            RequestException request => (request.Status, request.Message),
            FactoException => (StatusCodes.Status400BadRequest, exception.Message),
            BadHttpRequestException bad => (bad.StatusCode, Sentence(bad)),
            _ => (StatusCodes.Status500InternalServerError, "The service failed; its log says why."),
        };
        if (status >= 500) { FactoLog.Failed(log, exception, context.Request.Method, context.Request.Path); }
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return Write(context, status, detail);
    }

    /// <summary>Writes one problem.</summary>
    public static Task Write(HttpContext context, int status, string? detail = null)
    {
        string title = ReasonPhrases.GetReasonPhrase(status);
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail ?? Usual(context, status) };
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(problem, Json, "application/problem+json", context.RequestAborted);
    }

    private static string Sentence(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "the body is longer than this service reads",
        StatusCodes.Status408RequestTimeout => "the body came too slowly",
        _ => "the request is not well-formed HTTP",
    };

    // Of what the router or the server refused before any of our code ran.
    private static string Usual(HttpContext context, int status) => status switch
    {
        StatusCodes.Status404NotFound => $"there is nothing at {context.Request.Path}; /docs lists what there is",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; {context.Response.Headers.Allow} is",
        StatusCodes.Status415UnsupportedMediaType => "the body must be JSON: Content-Type: application/json",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };
}
