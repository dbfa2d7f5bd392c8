using Facto.Numerics;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto;

/// <summary>How many items a stage of a cascade looked at and let through.</summary>
public sealed class StageCount
{
    internal StageCount(string stage, int entered, int left) => (Stage, Entered, Left) = (stage, entered, left);

    /// <summary>recall, prerank or rank.</summary>
    public string Stage { get; }

    /// <summary>Items that it scored; of recall, the admissible share of the catalogue.</summary>
    public int Entered { get; }

    /// <summary>Items that went on, or into the answer.</summary>
    public int Left { get; }
}

/// <summary>How far one item came and by which scores.</summary>
/// <param name="Stage">recall, prerank or rank.</param>
/// <param name="Score">The stage's raw score of the item.</param>
/// <param name="Rank">1-based place among the items that entered the stage; null when the item did not enter it.</param>
/// <param name="Entered">Items that entered the stage.</param>
/// <param name="Left">Items that go on from it; of the last stage 0.</param>
internal sealed record StageTrace(string Stage, float Score, int? Rank, int Entered, int Left);

/// <content>The cascade: recall finds candidates in the whole catalogue, every later stage scores what the one before let
/// through.</content>
public sealed partial class Recommender
{
    /// <summary>
    /// An item's place in every stage for this user, seen items left out as in recommendations. A bundle without stages has one, "model".
    /// An item that a stage drops has no place in the later ones, only the scores that it would have had there.
    /// </summary>
    /// <exception cref="FactoException">The item or a field is unknown.</exception>
    internal IReadOnlyList<StageTrace> Trace(UserQuery query, string itemId)
    {
        int item = ItemRow(itemId);
        var request = new RecommendationRequest { User = query.User, Features = query.Features, History = query.History };
        var profile = new UserProfile(Bundle, _encoder, request);
        var filter = new ItemFilter { Denied = Denied(request, profile, out _) };
        Scored[] candidates = [.. Enumerable.Range(0, Bundle.Index.Count).Select(i => new Scored(i, 0))];
        candidates = Array.FindAll(candidates, Admitted(filter.Denied));
        var trace = new List<StageTrace>();
        bool present = true;
        IReadOnlyList<BundleStage> stages = Bundle.Stages.Count > 0 ? Bundle.Stages : [Bundle.Ranker];
        foreach (BundleStage stage in stages)
        {
            float[] vector = new float[stage.Model.VectorDimension];
            float term = stage.Project(profile, vector);
            Rescore(stage, vector, candidates);
            int place = present ? Array.FindIndex(candidates, c => c.Index == item) : -1;
            trace.Add(
                new StageTrace(
                    stage.Name, term + VectorOps.Dot(vector, stage.Items.Vectors.Row(item)), place < 0 ? null : place + 1,
                    candidates.Length, stage.Count));
            if (stage.Count > 0 && stage.Count < candidates.Length) { candidates = candidates[..stage.Count]; }
            present = place >= 0 && place < candidates.Length;
        }

        return trace;
    }

    private RecommendationResponse RecommendInStages(
        RecommendationRequest request, UserProfile profile, float[] query, ItemFilter filter, bool withWhy)
    {
        if (request.Thompson is not null) { throw new FactoException("thompson goes with one model, and this bundle has stages"); }
        query[0] = request.PopularityDial;
        IReadOnlyList<BundleStage> stages = Bundle.Stages;
        var counts = new StageCount[stages.Count];
        var candidates = new Scored[Math.Min(Bundle.Index.Count, Math.Max(request.Count, stages[0].Count))];
        int found = Bundle.Index.Search(query, filter, candidates);
        counts[0] = new StageCount(stages[0].Name, filter.CountAdmitted(Bundle.Index.Count), found);
        candidates = candidates[..found];
        float term = 0;
        for (int s = 1; s < stages.Count; s++)
        {
            float[] vector = new float[stages[s].Model.VectorDimension];
            term = stages[s].Project(profile, vector);
            vector[0] = request.PopularityDial;
            Rescore(stages[s], vector, candidates);
            // A stage never lets fewer through than were asked for.
            int keep = Math.Min(candidates.Length, s == stages.Count - 1 ? request.Count : Math.Max(request.Count, stages[s].Count));
            counts[s] = new StageCount(stages[s].Name, candidates.Length, keep);
            candidates = candidates[..keep];
        }

        Recommendation[] items = Array.ConvertAll(candidates, c =>
        {
            float ownTerm = Bundle.Ranker.Items.Vectors.Row(c.Index)[0];
            return Describe(
                profile, c.Index, term + c.Score + ((1 - request.PopularityDial) * ownTerm), request.Reasons, request.Interval, withWhy);
        });
        return new RecommendationResponse(Bundle.Manifest.Version, profile.UserRow >= 0, items, profile.Unknown) { Stages = counts };
    }

    private ScoredLists RecommendAllInStages(int count, int threads)
    {
        if (count is < 1 or > MaxCount) { throw new FactoException($"count is {count}; it must be 1 to {MaxCount}"); }
        int users = Bundle.UserVectors.Count;
        var lists = new ScoredLists(users, Math.Min(count, Bundle.Index.Count));
        Parallel.For(0, users, new ParallelOptions { MaxDegreeOfParallelism = threads }, u =>
        {
            RecommendationResponse response = Recommend(new RecommendationRequest { User = Bundle.Data.UserIds![u], Count = count });
            Span<Scored> list = lists.Storage(u);
            for (int i = 0; i < response.Items.Count; i++)
            {
                list[i] = new Scored(Bundle.Data.ItemIds!.IndexOf(response.Items[i].Id), response.Items[i].Score);
            }
            lists.Found(u) = response.Items.Count;
        });
        return lists;
    }

    // Best first; of equal scores the item of lower number, as the index orders them.
    private static void Rescore(BundleStage stage, ReadOnlySpan<float> vector, Scored[] candidates)
    {
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = new Scored(candidates[i].Index, VectorOps.Dot(vector, stage.Items.Vectors.Row(candidates[i].Index)));
        }

        Array.Sort(candidates, (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
    }

    private static Predicate<Scored> Admitted(ReadOnlySpan<int> denied)
    {
        int[] list = denied.ToArray();
        return c => Array.BinarySearch(list, c.Index) < 0;
    }
}
