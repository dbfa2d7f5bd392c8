using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// Answers requests from one bundle: user and context features → user vector → best admissible items → predictions and reasons.
/// Safe for any number of concurrent requests.
/// </summary>
public sealed partial class Recommender
{
    private const int MaxCount = 10_000;

    private readonly FeatureEncoder _encoder;
    private readonly Lazy<ExactIndex> _directions;   // item factors scaled to length 1, for similar items
    private readonly DrawIndexes? _draws;            // of a posterior, for Thompson sampling

    /// <summary>A recommender over <paramref name="bundle"/>.</summary>
    public Recommender(Bundle bundle)
    {
        Bundle = bundle;
        _encoder = new FeatureEncoder(bundle.Model.Schema);
        _directions = new Lazy<ExactIndex>(BuildDirections);
        _draws = bundle.Model is FmPosterior posterior ? new DrawIndexes(posterior, bundle.Data, bundle.Manifest.Recipe) : null;
    }

    /// <summary>What answers.</summary>
    public Bundle Bundle { get; }

    /// <summary>The best items for a user.</summary>
    /// <exception cref="FactoException">A field, item or number in the request is not valid; the message says which.</exception>
    public RecommendationResponse Recommend(RecommendationRequest request)
    {
        if (request.Count is < 1 or > MaxCount) { throw new FactoException($"count is {request.Count}; it must be 1 to {MaxCount}"); }
        if (!float.IsFinite(request.PopularityDial)) { throw new FactoException("the popularity dial must be a finite number, such as 1"); }
        if (request.Reasons is < 0 or > 100) { throw new FactoException($"reasons is {request.Reasons}; it must be 0 to 100"); }
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] query = new float[Bundle.Model.VectorDimension];
        float term = Project(profile, query);
        if (Bundle.Stages.Count > 0) { return RecommendInStages(request, profile, query, new ItemFilter { Allowed = Allowed(request), Denied = Denied(request, profile) }); }
        DrawIndex? draw = request.Thompson is { } seed ? (_draws ?? throw NoDraws("thompson")).Of(seed) : null;
        float[] order = draw is null ? [.. query] : Project(draw.Model, profile);
        order[0] = request.PopularityDial;
        Scored[] best = new Scored[Math.Min(request.Count, Bundle.Index.Count)];
        var filter = new ItemFilter { Allowed = Allowed(request), Denied = Denied(request, profile) };
        int found = (draw?.Index ?? Bundle.Index).Search(order, filter, best);
        var items = new RecommendedItem[found];
        for (int i = 0; i < found; i++)
        {
            // The order is by the dial and the draw; what is shown is the model's own score.
            float score = term + VectorOps.Dot(query, Bundle.ItemVectors.Vectors.Row(best[i].Index));
            items[i] = Describe(profile, best[i].Index, score, request.Reasons, request.Interval);
        }

        SearchPlan? plan = request.Reasons > 0 && draw is null ? Bundle.Index.Explain(filter, best.Length) : null;
        return new RecommendationResponse(Bundle.Manifest.Version, profile.UserRow >= 0, items, profile.Unknown) { Draw = draw?.Number, Plan = plan };
    }

    /// <summary>The scores of given items, in their order (pre-ranking and ranking). Unknown items are left out and named.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="itemIds">External ids.</param>
    /// <param name="reasons">How many reasons to give per item.</param>
    /// <param name="interval">Probability of an interval around each prediction; null for none.</param>
    /// <exception cref="FactoException">A field in the request is not valid, or an interval is asked of a model without draws.</exception>
    public RecommendationResponse Score(UserQuery request, IReadOnlyList<string> itemIds, int reasons = 0, float? interval = null)
    {
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] query = new float[Bundle.Ranker.Model.VectorDimension];
        float term = Bundle.Ranker.Project(profile, query);
        var unknown = new List<UnknownValue>(profile.Unknown);
        var items = new List<RecommendedItem>();
        foreach (string id in itemIds)
        {
            int item = Bundle.Data.ItemIds!.IndexOf(id);
            if (item < 0) { unknown.Add(new UnknownValue("item", id)); }
            else { items.Add(Describe(profile, item, term + VectorOps.Dot(query, Bundle.Ranker.Items.Vectors.Row(item)), reasons, interval)); }
        }

        return new RecommendationResponse(Bundle.Manifest.Version, profile.UserRow >= 0, items, unknown);
    }

    /// <summary>The items whose factors point the same way as this item's.</summary>
    /// <exception cref="FactoException">The item is unknown.</exception>
    public IReadOnlyList<SimilarItem> Similar(string itemId, int count)
    {
        if (count is < 1 or > MaxCount) { throw new FactoException($"count is {count}; it must be 1 to {MaxCount}"); }
        int item = ItemRow(itemId);
        float[] query = new float[_directions.Value.Dimension];
        _directions.Value.CopyVector(item, query);
        Scored[] best = new Scored[Math.Min(count, Math.Max(0, _directions.Value.Count - 1))];
        int found = _directions.Value.Search(query, new ItemFilter { Denied = [item] }, best);
        return [.. best.Take(found).Select(b => new SimilarItem(Bundle.Data.ItemIds![b.Index], Bundle.Title(b.Index), b.Score))];
    }

    /// <summary>Every term of one score, largest first; their sum is the raw score.</summary>
    /// <exception cref="FactoException">The item or a field is unknown.</exception>
    public IReadOnlyList<Reason> Explain(UserQuery request, string itemId)
    {
        var profile = new UserProfile(Bundle, _encoder, request);
        List<ScoreTerm> terms = Explainer.Terms(Bundle.Ranker.Model, profile.User, profile.Context, Bundle.Data.Items![ItemRow(itemId)]);
        return [.. terms.OrderByDescending(t => MathF.Abs(t.Value)).Select(t => new Reason(InWords(t), t.Value))];
    }

    /// <summary>The vector by which a user's items are found, and the term that completes the score.</summary>
    /// <exception cref="FactoException">A field in the request is not valid.</exception>
    public (float[] Vector, float Term, IReadOnlyList<UnknownValue> Unknown) UserVector(UserQuery request)
    {
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] vector = new float[Bundle.Model.VectorDimension];
        return (vector, Project(profile, vector), profile.Unknown);
    }

    /// <summary>An item's vector.</summary>
    /// <exception cref="FactoException">The item is unknown.</exception>
    public float[] ItemVector(string itemId) => Bundle.ItemVectors.Vectors.Row(ItemRow(itemId)).ToArray();

    /// <summary>The best unseen items of every user, by one blocked matrix product over all of them.</summary>
    /// <param name="count">Items per user.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    public ScoredLists RecommendAll(int count, int threads)
    {
        if (Bundle.Stages.Count > 0) { return RecommendAllInStages(count, threads); }
        var index = Bundle.Indexes.Scan as ExactIndex ?? new ExactIndex(Bundle.ItemVectors);
        return index.SearchBatch(Bundle.UserVectors.Vectors, count, denied: Bundle.Seen.Lists, workers: threads);
    }

    private float Project(UserProfile profile, float[] vector)
    {
        float term = VectorExporter.ProjectUser(Bundle.Model, Bundle.Manifest.Recipe, profile.User, profile.Context, vector);
        return Bundle.Manifest.Recipe == VectorRecipe.Match ? term : 0;
    }

    private float[] Project(FmModel draw, UserProfile profile)
    {
        float[] vector = new float[draw.VectorDimension];
        VectorExporter.ProjectUser(draw, Bundle.Manifest.Recipe, profile.User, profile.Context, vector);
        return vector;
    }

    private RecommendedItem Describe(UserProfile profile, int item, float score, int reasons, float? interval) => new(
        Bundle.Data.ItemIds![item], Bundle.Title(item), score,
        Bundle.Ranker.Recipe == VectorRecipe.Match ? Bundle.Ranker.Model.Predict(score) : null, Reasons(profile, item, reasons))
    {
        Interval = interval is { } level ? Interval(profile, item, level) : null,
    };

    private PredictionInterval Interval(UserProfile profile, int item, float level)
    {
        if (Bundle.Ranker.Model is not FmPosterior posterior) { throw NoDraws("interval"); }
        PosteriorPrediction p = posterior.Predict(profile.User, profile.Context, Bundle.Data.Items![item], level);
        return new PredictionInterval(level, p.Mean, p.StandardDeviation, p.Low, p.High);
    }

    private FactoException NoDraws(string option) =>
        new($"{option} needs draws of a posterior, and the model of bundle {Bundle.Manifest.Version} has none: learn it with the solver gibbs");

    // What speaks for the item: the largest meetings of a user or context feature with an item feature, and the item's own term as one.
    private IReadOnlyList<Reason> Reasons(UserProfile profile, int item, int count)
    {
        if (count == 0) { return []; }
        List<ScoreTerm> terms = Explainer.Terms(Bundle.Ranker.Model, profile.User, profile.Context, Bundle.Data.Items![item], out int across);
        IEnumerable<Reason> meetings = terms.TakeLast(across).Select(t => new Reason(InWords(t), t.Value));
        return [.. meetings.Append(new Reason("generally liked", Bundle.Ranker.Items.Vectors.Row(item)[0])).OrderByDescending(r => r.Value).Take(count)];
    }

    private string InWords(ScoreTerm term) =>
        term.First < 0 ? "overall level" : term.Second < 0 ? Name(term.First)
            : term.Third < 0 ? $"{Name(term.Second)} × {Name(term.First)}" : $"{Name(term.Third)} × {Name(term.Second)} × {Name(term.First)}";

    // An item id reads better as its title.
    private string Name(int feature)
    {
        FeatureSchema schema = Bundle.Model.Schema;
        Field field = schema.Fields[schema.FieldIndexOf(feature)];
        bool isItemId = field.Vocabulary is not null && (field.Spec.Kind == FieldKind.Bag || field == schema.IdField(FieldSide.Item));
        int item = isItemId && field.Spec.Side != FieldSide.Context ? Bundle.Data.ItemIds!.IndexOf(field.Vocabulary![feature - field.Offset]) : -1;
        return item >= 0 ? $"{field.Spec.Name}={Bundle.Title(item)}" : schema.Describe(feature);
    }

    private int ItemRow(string id)
    {
        int item = Bundle.Data.ItemIds!.IndexOf(id);
        return item >= 0 ? item : throw new FactoException($"item '{id}' is unknown to bundle {Bundle.Manifest.Version}");
    }

    private ulong[] Allowed(RecommendationRequest request)
    {
        if (request.Allow is null && request.Where is not { Count: > 0 }) { return []; }
        ulong[] bitmap = new ulong[Bundle.Attributes.WordCount];
        if (request.Allow is { } allow)
        {
            foreach (int item in allow.Select(id => Bundle.Data.ItemIds!.IndexOf(id)).Where(i => i >= 0)) { bitmap[item >> 6] |= 1UL << (item & 63); }
        }
        else
        {
            for (int i = 0; i < Bundle.Index.Count; i++) { bitmap[i >> 6] |= 1UL << (i & 63); }
        }

        foreach ((string field, IReadOnlyList<string> values) in request.Where ?? new Dictionary<string, IReadOnlyList<string>>()) { Bundle.Attributes.Keep(bitmap, field, values); }
        return bitmap;
    }

    private ReadOnlySpan<int> Denied(RecommendationRequest request, UserProfile profile)
    {
        ReadOnlySpan<int> seen = request.IncludeSeen || profile.UserRow < 0 ? default : Bundle.Seen[profile.UserRow];
        bool more = request.Deny is { Count: > 0 } || (!request.IncludeSeen && profile.HistoryItems.Count > 0);
        if (!more) { return seen; }
        var all = new SortedSet<int>(seen.ToArray());
        if (!request.IncludeSeen) { all.UnionWith(profile.HistoryItems); }
        all.UnionWith((request.Deny ?? []).Select(id => Bundle.Data.ItemIds!.IndexOf(id)).Where(i => i >= 0));
        return all.ToArray();
    }

    private ExactIndex BuildDirections()
    {
        RowMatrix items = Bundle.ItemVectors.Vectors;
        var directions = new RowMatrix(items.RowCount, Math.Max(1, items.ColumnCount - 1));
        for (int i = 0; i < items.RowCount; i++)
        {
            ReadOnlySpan<float> factors = items.Row(i)[1..];
            float length = MathF.Sqrt(VectorOps.SumOfSquares(factors));
            if (length > 0) { VectorOps.AddScaled(directions.Row(i)[..factors.Length], 1 / length, factors); }
        }

        return new ExactIndex(directions);
    }
}
