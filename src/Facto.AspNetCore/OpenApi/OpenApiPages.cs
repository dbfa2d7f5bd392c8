using Facto.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Facto.AspNetCore.OpenApi;

/// <summary>The OpenAPI document of the service's own endpoints, apart from those of the host, and a page that shows it.</summary>
internal static class OpenApiPages
{
    private const string Document = "facto";

    public static void AddFactoOpenApi(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(Added))) { return; }
        services.AddSingleton<Added>();
        services.AddOpenApi(Document, options =>
        {
            options.ShouldInclude = api => api.ActionDescriptor.EndpointMetadata.OfType<Operation>().Any();
            options.AddOperationTransformer((operation, context, _) =>
            {
                operation.OperationId = context.Description.ActionDescriptor.EndpointMetadata.OfType<Operation>().First().Name;
                return Task.CompletedTask;
            });
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Facto";
                document.Info.Version = typeof(OpenApiPages).Assembly.GetName().Version!.ToString(3);
                document.Info.Description = "Recommendations from a factorization machine: lists, scores, reasons and vectors.";
                return Task.CompletedTask;
            });
        });
    }

    public static void MapOpenApiPages(this IEndpointRouteBuilder app)
    {
        // A literal address and not MapOpenApi's pattern: that would take the addresses of the host's own documents.
        app.MapGet($"/openapi/{Document}.json", Write).ExcludeFromDescription();
        app.MapScalarApiReference("/docs", (page, context) => page.WithTitle("Facto").DisableDefaultFonts()
            .AddDocument(Document, routePattern: Prefix(context.Request.Path) + "/openapi/{documentName}.json"));
    }

    private static async Task Write(HttpContext context, [FromKeyedServices(Document)] IOpenApiDocumentProvider provider)
    {
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync(context.RequestAborted);
        document.Servers = [new OpenApiServer { Url = context.Request.PathBase.HasValue ? context.Request.PathBase.Value : "/" }];
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(
            await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, context.RequestAborted), context.RequestAborted);
    }

    private static string Prefix(PathString path)
    {
        string value = path.Value ?? string.Empty;
        int docs = value.LastIndexOf("/docs", StringComparison.Ordinal);
        return docs < 0 ? string.Empty : value[..docs];
    }

    private sealed class Added;
}
