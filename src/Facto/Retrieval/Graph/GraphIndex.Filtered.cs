using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Graph;

/// <content>Searches with a filter or with dead slots.</content>
internal sealed unsafe partial class GraphIndex
{
    // Below this share of admitted items bridges become too long: the admitted items are scored one by one.
    private const double LeastShare = 0.03;

    // A scan costs less than a search of breadth b over about this many times b slots.
    private const int ScanPerBreadth = 24;

    private static int SearchFiltered(
        CodedItems graph, SearchScratch scratch, QueryScore score, SearchEffort effort, ItemFilter filter, int breadth, Span<Scored> best)
    {
        var admission = new FilteredAdmission(graph, filter.Allowed, scratch.Barred);
        int admitted = Math.Min(CodedSearch.CountAllowed(filter.Allowed, graph), graph.Count - graph.DeadCount) - filter.Denied.Length;
        int found = 0;
        if (admitted > Math.Max((long)ScanPerBreadth * breadth, (long)(LeastShare * graph.Count)))
        {
            ScoreHead(graph, scratch, score, effort.Head, admission);
            EnterNewest(graph, scratch, score, admission);
            BeamSearch.Run(graph, scratch, score, admission, effort.EfSearch);
            found = CodedSearch.Rescore(graph, scratch, best);
        }

        // Few are admitted, or bridges led nowhere: look at all of them.
        if (found < best.Length)
        {
            scratch.Begin(graph, breadth);
            CodedSearch.ScanAdmitted(graph, scratch, score, filter.Allowed, admission);
            found = CodedSearch.Rescore(graph, scratch, best);
        }

        return found;
    }

    // Admitted slots in the order of promise until the head is full. Stretches in which a sample finds nobody admitted are skipped, once
    // the first ones have been looked at one by one.
    private static void ScoreHead(CodedItems graph, SearchScratch scratch, QueryScore score, int head, FilteredAdmission admission)
    {
        const int stretch = 256, samples = 8;
        long before = scratch.Scored;
        for (int first = 0; first < graph.Built && scratch.Scored - before < head; first += stretch)
        {
            int count = Math.Min(stretch, graph.Built - first);
            bool open = first < 2 * head;
            for (int i = 0; i < samples && !open; i++) { open = admission.Admits(first + (i * count / samples)); }
            if (open) { ScoreUnvisited(graph, scratch, score, first, count, admission); }
        }
    }

    private static void ScoreUnvisited(
        CodedItems graph, SearchScratch scratch, QueryScore score, int first, int count, FilteredAdmission admission)
    {
        int found = 0;
        for (int slot = first; slot < first + count; slot++)
        {
            if (admission.Admits(slot) && scratch.Visit(slot) == 1) { scratch.Slots[found++] = slot; }
        }

        CodeScoring.ScoreGathered(graph, scratch, found, score);
    }
}
