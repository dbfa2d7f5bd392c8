using Facto.AspNetCore.Errors;
using Facto.AspNetCore.Requests;
using Facto.Serving;
using Microsoft.AspNetCore.Http;

namespace Facto.AspNetCore.Recommendations;

/// <summary>A wish for the scores of given items.</summary>
internal sealed record ScoreRequest : UserQuery
{
    /// <summary>Item ids, 1 to 10,000.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>How many reasons to give per item, 0 to 100.</summary>
    public int Reasons { get; init; }

    /// <summary>Probability of an interval around each prediction, such as 0.9; needs a model of the solver gibbs.</summary>
    public float? Interval { get; init; }
}

/// <summary>A wish for the terms of one score.</summary>
internal sealed record ExplainRequest : UserQuery
{
    /// <summary>Item id.</summary>
    public required string Item { get; init; }
}

/// <summary>The bodies of the interface's requests, member by member.</summary>
internal static class UserBody
{
    public static async Task<UserQuery> QueryAsync(HttpContext context, FactoOptions options)
    {
        using JsonBody body = await JsonBody.ReadAsync(context, options);
        var query = new UserQuery { User = body.Text("user"), Features = body.Map("features"), History = body.Texts("history") };
        body.End();
        return query;
    }

    public static async Task<RecommendationRequest> RecommendationAsync(HttpContext context, FactoOptions options)
    {
        using JsonBody body = await JsonBody.ReadAsync(context, options);
        var request = new RecommendationRequest
        {
            User = body.Text("user"),
            Features = body.Map("features"),
            History = body.Texts("history"),
            Count = body.Whole("count") ?? 10,
            IncludeSeen = body.Flag("includeSeen") ?? options.IncludeSeen,
            Allow = body.Texts("allow"),
            Deny = body.Texts("deny"),
            Where = body.Map("where"),
            PopularityDial = body.Number("popularityDial") ?? 1,
            Reasons = body.Whole("reasons") ?? 0,
            Interval = body.Number("interval"),
            Thompson = body.Seed("thompson"),
        };
        body.End();
        return request;
    }

    public static async Task<ScoreRequest> ScoreAsync(HttpContext context, FactoOptions options)
    {
        using JsonBody body = await JsonBody.ReadAsync(context, options);
        var request = new ScoreRequest
        {
            User = body.Text("user"),
            Features = body.Map("features"),
            History = body.Texts("history"),
            Items = body.Texts("items") ?? [],
            Reasons = body.Whole("reasons") ?? 0,
            Interval = body.Number("interval"),
        };
        body.End();
        if (request.Items.Count == 0)
        {
            throw new RequestException(StatusCodes.Status400BadRequest, $"items has no ids; it must have 1 to {JsonBody.MaxEntries}");
        }
        return request.Reasons is >= 0 and <= 100
            ? request
            : throw new RequestException(StatusCodes.Status400BadRequest, $"reasons is {request.Reasons}; it must be 0 to 100");
    }

    public static async Task<ExplainRequest> ExplainAsync(HttpContext context, FactoOptions options)
    {
        using JsonBody body = await JsonBody.ReadAsync(context, options);
        var request = new ExplainRequest
        {
            User = body.Text("user"),
            Features = body.Map("features"),
            History = body.Texts("history"),
            Item = body.Text("item")
                ?? throw new RequestException(StatusCodes.Status400BadRequest, "item is missing; it must be an item's id"),
        };
        body.End();
        return request;
    }
}
