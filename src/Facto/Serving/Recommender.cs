using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Serving;

namespace Facto;

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
    private readonly Explanations _why;

    internal Recommender(Bundle bundle)
    {
        Bundle = bundle;
        _encoder = new FeatureEncoder(bundle.Model.Schema);
        _directions = new Lazy<ExactIndex>(BuildDirections);
        _draws = bundle.Model is FmPosterior posterior ? new DrawIndexes(posterior, bundle.Data, bundle.Manifest.Recipe) : null;
        _why = new Explanations(bundle);
    }

    /// <summary>Name of what answers: the bundle's version.</summary>
    public string Version => Bundle.Manifest.Version;

    internal Bundle Bundle { get; }

    /// <summary>
    /// The best items for a user, with a sentence why; items that the user has already are left out. Somebody unknown gets what most people
    /// like.
    /// </summary>
    /// <param name="userId">External id.</param>
    /// <param name="count">How many items, 1 to 10,000.</param>
    /// <exception cref="FactoException"><paramref name="count"/> is out of range.</exception>
    public IReadOnlyList<Recommendation> Recommend(string userId, int count = 10) =>
        Answer(new RecommendationRequest { User = userId, Count = count }, withWhy: true).Items;

    /// <summary>The best items for a request.</summary>
    /// <exception cref="FactoException">A field, item or number in the request is not valid; the message says which.</exception>
    public RecommendationResponse Recommend(RecommendationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Answer(request, withWhy: request.Reasons > 0);
    }

    private RecommendationResponse Answer(RecommendationRequest request, bool withWhy)
    {
        if (request.Count is < 1 or > MaxCount) { throw new FactoException($"count is {request.Count}; it must be 1 to {MaxCount}"); }
        if (!float.IsFinite(request.PopularityDial)) { throw new FactoException("the popularity dial must be a finite number, such as 1"); }
        if (request.Reasons is < 0 or > 100) { throw new FactoException($"reasons is {request.Reasons}; it must be 0 to 100"); }
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] query = new float[Bundle.Model.VectorDimension];
        float term = Project(profile, query);
        var filter = new ItemFilter { Allowed = Allowed(request), Denied = Denied(request, profile, out int leftOut) };
        if (Bundle.Stages.Count > 0) { return RecommendInStages(request, profile, query, filter, withWhy) with { LeftOut = leftOut }; }
        DrawIndex? draw = request.Thompson is { } seed ? (_draws ?? throw NoDraws("thompson")).Of(seed) : null;
        float[] order = draw is null ? [.. query] : Project(draw.Model, profile);
        order[0] = request.PopularityDial;
        Scored[] best = new Scored[Math.Min(request.Count, Bundle.Index.Count)];
        // A ranking learns how items stand to one another for somebody, and nothing for nobody.
        bool byPopularity = draw is null && profile.IsEmpty && Bundle.Model.Task == LearningTask.Ranking;
        int found = byPopularity ? MostPopular(filter, best) : (draw?.Index ?? Bundle.Index).Search(order, filter, best);
        var items = new Recommendation[found];
        for (int i = 0; i < found; i++)
        {
            // The order is by the dial and the draw; what is shown is the model's own score.
            float score = term + VectorOps.Dot(query, Bundle.ItemVectors.Vectors.Row(best[i].Index));
            items[i] = Describe(profile, best[i].Index, score, request.Reasons, request.Interval, withWhy);
        }

        SearchPlan? plan = request.Reasons > 0 && draw is null ? Bundle.Index.Explain(filter, best.Length) : null;
        return new RecommendationResponse(
            Bundle.Manifest.Version, profile.UserRow >= 0, items, profile.Unknown)
        { LeftOut = leftOut, Draw = draw?.Number, Plan = plan };
    }

    /// <summary>The scores of given items, in their order (pre-ranking and ranking). Unknown items are left out and named.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="itemIds">External ids.</param>
    /// <param name="reasons">How many reasons to give per item.</param>
    /// <param name="interval">Probability of an interval around each prediction; null for none.</param>
    /// <exception cref="FactoException">A field in the request is not valid, or an interval is asked of a model without draws.</exception>
    public RecommendationResponse Score(UserQuery request, IReadOnlyList<string> itemIds, int reasons = 0, float? interval = null)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] query = new float[Bundle.Ranker.Model.VectorDimension];
        float term = Finite(Bundle.Ranker.Project(profile, query), query);
        var unknown = new List<UnknownValue>(profile.Unknown);
        var items = new List<Recommendation>();
        foreach (string id in itemIds)
        {
            int item = Bundle.Data.ItemIds!.IndexOf(id);
            if (item < 0) { unknown.Add(new UnknownValue("item", id)); }
            else
            {
                items.Add(Describe(profile, item, term + VectorOps.Dot(query, Bundle.Ranker.Items.Vectors.Row(item)), reasons, interval));
            }
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
        return [.. terms.OrderByDescending(t => MathF.Abs(t.Value)).Select(t => new Reason(_why.InWords(t), t.Value))];
    }

    /// <summary>Every term of one score, largest first; their sum is the raw score.</summary>
    /// <param name="userId">External id of a user.</param>
    /// <param name="itemId">External id of an item.</param>
    /// <exception cref="FactoException">The item is unknown.</exception>
    public IReadOnlyList<Reason> Explain(string userId, string itemId) => Explain(new UserQuery { User = userId }, itemId);

    /// <summary>The vector by which a user's items are found, and the term that completes the score.</summary>
    /// <exception cref="FactoException">A field in the request is not valid.</exception>
    internal (float[] Vector, float Term, IReadOnlyList<UnknownValue> Unknown) UserVector(UserQuery request)
    {
        var profile = new UserProfile(Bundle, _encoder, request);
        float[] vector = new float[Bundle.Model.VectorDimension];
        return (vector, Project(profile, vector), profile.Unknown);
    }

    /// <summary>An item's vector.</summary>
    /// <exception cref="FactoException">The item is unknown.</exception>
    internal float[] ItemVector(string itemId) => Bundle.ItemVectors.Vectors.Row(ItemRow(itemId)).ToArray();

    /// <summary>The best unseen items of every user, by one blocked matrix product over all of them.</summary>
    /// <param name="count">Items per user.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    internal ScoredLists RecommendAll(int count, int threads)
    {
        if (Bundle.Stages.Count > 0) { return RecommendAllInStages(count, threads); }
        var index = Bundle.Indexes.Scan as ExactIndex ?? new ExactIndex(Bundle.ItemVectors);
        ItemLists denied = Bundle.Manifest.IncludesSeen ? default : Bundle.Seen.Lists;
        ScoredLists lists = index.SearchBatch(Bundle.UserVectors.Vectors, count, denied, workers: threads);
        Parallel.For(
            0, lists.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, u =>
            CompleteScores(u, lists.Storage(u)[..lists[u].Length]));
        return lists;
    }

    // The order needs no term of the user's; the score that is shown has it, as everywhere.
    private void CompleteScores(int user, Span<Scored> list)
    {
        float[] query = new float[Bundle.Model.VectorDimension];
        float term = VectorExporter.ProjectUser(Bundle.Model, Bundle.Manifest.Recipe, Bundle.Data.Users![user], default, query);
        if (Bundle.Manifest.Recipe != VectorRecipe.Match) { term = 0; }
        foreach (ref Scored item in list)
        {
            item = new Scored(item.Index, term + VectorOps.Dot(query, Bundle.ItemVectors.Vectors.Row(item.Index)));
        }
    }

    private float Project(UserProfile profile, float[] vector)
    {
        float term = VectorExporter.ProjectUser(Bundle.Model, Bundle.Manifest.Recipe, profile.User, profile.Context, vector);
        return Finite(Bundle.Manifest.Recipe == VectorRecipe.Match ? term : 0, vector);
    }

    // Numbers far outside those of training can leave the range of a float; no such score gets out.
    private static float Finite(float term, float[] vector)
    {
        foreach (float v in vector) { term += 0 * v; }
        return float.IsFinite(term)
            ? term : throw new FactoException(
                "a number in the request is so large that no score can be computed: give it in the unit of the training data");
    }

    private float[] Project(FmModel draw, UserProfile profile)
    {
        float[] vector = new float[draw.VectorDimension];
        VectorExporter.ProjectUser(draw, Bundle.Manifest.Recipe, profile.User, profile.Context, vector);
        return vector;
    }

    private int MostPopular(ItemFilter filter, Span<Scored> best)
    {
        var top = new TopK(best);
        for (int i = 0; i < Bundle.Popularity.Length; i++)
        {
            bool isAllowed = filter.Allowed.IsEmpty || (filter.Allowed[i >> 6] >> (i & 63) & 1) != 0;
            if (isAllowed && filter.Denied.BinarySearch(i) < 0) { top.Add(i, Bundle.Popularity[i]); }
        }

        return top.Finish();
    }

    private Recommendation Describe(UserProfile profile, int item, float score, int reasons, float? interval, bool withWhy = false) => new(
        Bundle.Data.ItemIds![item], Bundle.Title(item), score,
        Bundle.Ranker.Recipe == VectorRecipe.Match ? Bundle.Ranker.Model.Predict(score) : null, Reasons(profile, item, reasons))
    {
        Interval = interval is { } level ? Interval(profile, item, level) : null,
        Why = withWhy ? _why.Of(profile, item) : null,
    };

    private PredictionInterval Interval(UserProfile profile, int item, float level)
    {
        if (Bundle.Ranker.Model is not FmPosterior posterior) { throw NoDraws("interval"); }
        PosteriorPrediction p = posterior.Predict(profile.User, profile.Context, Bundle.Data.Items![item], level);
        return new PredictionInterval(level, p.Mean, p.StandardDeviation, p.Low, p.High);
    }

    private FactoException NoDraws(string option) =>
        new($"{option} needs draws of a posterior, and the model of bundle {Bundle.Manifest.Version} has none: learn it with the solver "
            + $"gibbs");

    // What speaks for the item: the largest meetings of a user or context feature with an item feature, and the item's own term as one.
    private IReadOnlyList<Reason> Reasons(UserProfile profile, int item, int count)
    {
        if (count == 0) { return []; }
        SparseRow row = Bundle.Data.Items![item];
        List<ScoreTerm> terms = Explainer.Terms(Bundle.Ranker.Model, profile.User, profile.Context, row, out int across);
        IEnumerable<Reason> meetings = terms.TakeLast(across).Select(t => new Reason(_why.InWords(t), t.Value));
        return [.. meetings.Append(new Reason("generally liked", Bundle.Ranker.Items.Vectors.Row(item)[0])).OrderByDescending(r => r.Value)
            .Take(count)];
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
            foreach (int item in allow.Select(id => Bundle.Data.ItemIds!.IndexOf(id)).Where(i => i >= 0))
            {
                bitmap[item >> 6] |= 1UL << (item & 63);
            }
        }
        else
        {
            for (int i = 0; i < Bundle.Index.Count; i++) { bitmap[i >> 6] |= 1UL << (i & 63); }
        }

        foreach ((string field, IReadOnlyList<string> values) in request.Where ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            Bundle.Attributes.Keep(bitmap, field, values);
        }
        return bitmap;
    }

    private ReadOnlySpan<int> Denied(RecommendationRequest request, UserProfile profile, out int leftOut)
    {
        bool includeSeen = request.IncludeSeen ?? Bundle.Manifest.IncludesSeen;
        ReadOnlySpan<int> seen = includeSeen || profile.UserRow < 0 ? default : Bundle.Seen[profile.UserRow];
        leftOut = seen.Length;
        bool hasMore = request.Deny is { Count: > 0 } || (!includeSeen && profile.HistoryItems.Count > 0);
        if (!hasMore) { return seen; }
        var all = new SortedSet<int>(seen.ToArray());
        if (!includeSeen) { all.UnionWith(profile.HistoryItems); }
        leftOut = all.Count;
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
