using Facto.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Facto.Server.Bundles;

/// <summary>The bundle that is served and its siblings.</summary>
/// <param name="Manifest">What the served bundle says about itself.</param>
/// <param name="Versions">All versions in the folder.</param>
/// <param name="SomeUsers">A few user ids to try.</param>
/// <param name="ContextFields">User and context fields that a request may fill.</param>
/// <param name="ItemFields">Item fields that a filter may name.</param>
internal sealed record BundleInfo(BundleManifest Manifest, IReadOnlyList<string> Versions, IReadOnlyList<string> SomeUsers, IReadOnlyList<string> ContextFields, IReadOnlyList<string> ItemFields);

/// <summary>Whether a reload changed what is served.</summary>
/// <param name="Version">What is served now.</param>
/// <param name="Changed">True when it is another bundle than before.</param>
public sealed record ReloadResult(string Version, bool Changed);

internal static class BundlesApi
{
    public static void MapBundles(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Bundles");
        group.MapGet("/bundle", Info).WithName("GetBundle").WithSummary("The bundle that is served: version, counts, metrics, fields");
        group.MapPost("/bundles/reload", Reload).WithName("ReloadBundle").WithSummary("Serve the folder's current bundle now");
        group.MapPost("/bundles/{version}/activate", Activate).WithName("ActivateBundle").WithSummary("Make a version the current one and serve it; also a rollback");
    }

    private static Ok<BundleInfo> Info(BundleStore store)
    {
        Bundle bundle = store.Current.Bundle;
        var fields = bundle.Model.Schema.Fields;
        return TypedResults.Ok(new BundleInfo(
            bundle.Manifest,
            store.Versions,
            [.. Enumerable.Range(0, Math.Min(5, bundle.Data.UserIds!.Count)).Select(u => bundle.Data.UserIds[u])],
            [.. fields.Where(f => f.Spec.Side != Data.FieldSide.Item).Select(f => f.Spec.Name)],
            [.. fields.Where(f => f.Spec.Side == Data.FieldSide.Item && f.Vocabulary is not null).Select(f => f.Spec.Name)]));
    }

    private static Ok<ReloadResult> Reload(BundleStore store)
    {
        bool changed = store.Reload();
        return TypedResults.Ok(new ReloadResult(store.Current.Bundle.Manifest.Version, changed));
    }

    private static Ok<ReloadResult> Activate(string version, BundleStore store)
    {
        store.Activate(version);
        return TypedResults.Ok(new ReloadResult(store.Current.Bundle.Manifest.Version, true));
    }
}
