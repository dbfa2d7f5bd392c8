using Facto.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
        // A pattern with a constraint comes before the usual one, so a host may map its own documents as well.
        app.MapOpenApi($"/openapi/{{documentName:regex(^{Document}$)}}.json");
        app.MapScalarApiReference("/docs", (page, context) => page.WithTitle("Facto").DisableDefaultFonts()
            .AddDocument(Document, routePattern: Prefix(context.Request.Path) + "/openapi/{documentName}.json"));
    }

    private static string Prefix(PathString path)
    {
        string value = path.Value ?? string.Empty;
        int docs = value.LastIndexOf("/docs", StringComparison.Ordinal);
        return docs < 0 ? string.Empty : value[..docs];
    }

    private sealed class Added;
}
