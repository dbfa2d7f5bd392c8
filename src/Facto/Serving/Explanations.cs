using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Serving;

/// <summary>Says in words why an item is recommended, and what a term of a score means.</summary>
internal sealed class Explanations(Bundle bundle)
{
    /// <summary>
    /// One sentence: the item of the user's history with the largest term, where the model has a history; otherwise the nearest of the
    /// user's own items in the learnt space; otherwise the largest meeting of a feature of the user with one of the item; otherwise that
    /// the item is popular.
    /// </summary>
    public string Of(UserProfile profile, int item)
    {
        if (profile.IsEmpty) { return "popular with everyone"; }
        List<ScoreTerm> meetings = Meetings(profile, item);
        int own = FromHistory(meetings);
        if (own < 0) { own = Nearest(profile, item); }
        if (own >= 0) { return $"because you have {bundle.Title(own)}"; }
        ScoreTerm best = meetings.Count == 0 ? default : meetings.MaxBy(t => t.Value);
        return best.Value > 0 && !IsUserId(best.First)
            ? $"because {Name(best.First)} goes with {Name(best.Second)}"
            : "close to your taste";
    }

    public string InWords(ScoreTerm term) =>
        term.First < 0 ? "overall level" : term.Second < 0 ? Name(term.First) : $"{Name(term.Second)} × {Name(term.First)}";

    // The terms of a feature of the user or the request with a feature of the item: the last of all terms.
    private List<ScoreTerm> Meetings(UserProfile profile, int item)
    {
        SparseRow row = bundle.Data.Items![item];
        int count = (profile.User.Count + profile.Context.Count) * row.Count;
        List<ScoreTerm> terms = Explainer.Terms(bundle.Ranker.Model, profile.User, profile.Context, row);
        return [.. terms.TakeLast(Math.Min(terms.Count, count)).Where(t => t.Second >= 0)];
    }

    private int FromHistory(List<ScoreTerm> meetings)
    {
        if (bundle.History is not { } history) { return -1; }
        var sums = new Dictionary<int, float>();
        foreach (ScoreTerm term in meetings)
        {
            int had = history.BagOf(term.First) >= 0 ? history.ItemOf(term.First) : -1;
            if (had >= 0) { sums[had] = sums.GetValueOrDefault(had) + term.Value; }
        }

        KeyValuePair<int, float> best = sums.Count == 0 ? new(-1, 0) : sums.MaxBy(s => s.Value);
        return best.Value > 0 ? best.Key : -1;
    }

    private int Nearest(UserProfile profile, int item)
    {
        ReadOnlySpan<int> liked = profile.UserRow >= 0 ? bundle.Liked[profile.UserRow] : profile.HistoryItems.ToArray();
        RowMatrix vectors = bundle.ItemVectors.Vectors;
        ReadOnlySpan<float> target = vectors.Row(item)[1..];
        int nearest = -1;
        float best = 0;
        foreach (int own in liked)
        {
            if (own == item) { continue; }
            ReadOnlySpan<float> factors = vectors.Row(own)[1..];
            float length = MathF.Sqrt(VectorOps.SumOfSquares(factors));
            float nearness = length > 0 ? VectorOps.Dot(target, factors) / length : 0;
            if (nearness > best) { (best, nearest) = (nearness, own); }
        }

        return nearest;
    }

    private bool IsUserId(int feature)
    {
        FeatureSchema schema = bundle.Model.Schema;
        Field field = schema.Fields[schema.FieldIndexOf(feature)];
        return field.Spec is { Side: FieldSide.User, Kind: FieldKind.Categorical } && field.Vocabulary is { } ids
            && bundle.Data.UserIds!.IndexOf(ids[feature - field.Offset]) >= 0;
    }

    // An item id reads better as its title.
    private string Name(int feature)
    {
        FeatureSchema schema = bundle.Model.Schema;
        Field field = schema.Fields[schema.FieldIndexOf(feature)];
        bool isItemId = field.Vocabulary is not null && (field.Spec.Kind == FieldKind.Bag || field == schema.IdField(FieldSide.Item));
        int item = isItemId && field.Spec.Side != FieldSide.Context
            ? bundle.Data.ItemIds!.IndexOf(field.Vocabulary![feature - field.Offset])
            : -1;
        return item >= 0 ? $"{field.Spec.Name}={bundle.Title(item)}" : schema.Describe(feature);
    }
}
