using Facto.AspNetCore.Access;
using Facto.AspNetCore.Errors;
using Facto.AspNetCore.Requests;
using Facto.Data;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Facto.AspNetCore.Bundles;

/// <summary>The bundle that is served and its siblings.</summary>
/// <param name="Manifest">What the served bundle says about itself.</param>
/// <param name="Versions">All versions in the folder.</param>
/// <param name="SomeUsers">A few user ids to try.</param>
/// <param name="ContextFields">User and context fields that a request may fill.</param>
/// <param name="ItemFields">Item fields that a filter may name.</param>
internal sealed record BundleInfo(
    BundleManifest Manifest, IReadOnlyList<string> Versions, IReadOnlyList<string> SomeUsers, IReadOnlyList<string> ContextFields,
        IReadOnlyList<string> ItemFields);

/// <summary>Whether a reload changed what is served.</summary>
/// <param name="Version">What is served now.</param>
/// <param name="Changed">True when it is another bundle than before.</param>
internal sealed record ReloadResult(string Version, bool Changed);

internal static class BundlesApi
{
    public static void MapBundles(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Bundles");
        group.MapGet("/bundle", Info).Named("GetBundle", "The bundle that is served: version, counts, metrics, fields");
        group.MapPost("/bundles/reload", Reload).Named("ReloadBundle", "Serve the folder's current bundle now")
            .WithMetadata(ChangesState.Mark).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        group.MapPost("/bundles/{version}/activate", Activate)
            .Named("ActivateBundle", "Make a version the current one and serve it; also a rollback")
            .WithMetadata(ChangesState.Mark).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    private static Answer<BundleInfo> Info(IRecommenderSource source)
    {
        Bundle bundle = source.Current.Bundle;
        var fields = bundle.Model.Schema.Fields;
        return Answers.With(new BundleInfo(
            bundle.Manifest,
            source is BundleStore store ? store.Versions : [bundle.Manifest.Version],
            [.. Enumerable.Range(0, Math.Min(5, bundle.Data.UserIds!.Count)).Select(u => bundle.Data.UserIds[u])],
            [.. fields.Where(f => f.Spec.Side != FieldSide.Item).Select(f => f.Spec.Name)],
            [.. fields.Where(f => f.Spec.Side == FieldSide.Item && f.Vocabulary is not null).Select(f => f.Spec.Name)]));
    }

    private static Answer<ReloadResult> Reload(IRecommenderSource source) => Changed(source, store => store.Reload());

    private static Answer<ReloadResult> Activate(string version, IRecommenderSource source) => Changed(source, store =>
    {
        store.Activate(version);
        return true;
    });

    private static Answer<ReloadResult> Changed(IRecommenderSource source, Func<BundleStore, bool> change)
    {
        if (source is not BundleStore store)
        {
            throw new RequestException(
                StatusCodes.Status409Conflict, "this app chooses its recommender itself; there are no bundles to change");
        }
        try
        {
            bool changed = change(store);
            return Answers.With(new ReloadResult(store.Current.Bundle.Manifest.Version, changed));
        }
        catch (InvalidDataException e)
        {
            store.Report(e);
            throw new RequestException(
                StatusCodes.Status422UnprocessableEntity,
                "that bundle is damaged, so the present one goes on; the service's log says what is wrong");
        }
    }
}
