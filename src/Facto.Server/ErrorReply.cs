using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Facto.Server;

/// <summary>Something that a request names is not there: 404.</summary>
internal sealed class NotThereException(string message) : Exception(message);

/// <summary>Every error as problem details (RFC 9457) with one sentence; never a stack trace.</summary>
internal sealed class ErrorReply(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        (int status, string title, string detail) = exception switch
        {
            NotThereException => (StatusCodes.Status404NotFound, "Not found", exception.Message),
            FactoException => (StatusCodes.Status400BadRequest, "The request cannot be answered", exception.Message),
            InvalidDataException => (StatusCodes.Status422UnprocessableEntity, "A bundle is damaged", exception.Message),
            BadHttpRequestException bad => (bad.StatusCode, "The request is not valid", bad.InnerException?.Message ?? bad.Message),
            _ => (StatusCodes.Status500InternalServerError, "An error in the service", "The error was logged."),
        };
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Detail = detail },
        });
    }
}
