using Facto.Retrieval.Graph;

namespace Facto.Retrieval.Recall;

/// <summary>
/// The efforts that a graph is tried with until its recall is reached, the cheapest first. How much of the head a catalogue wants differs:
/// with very uneven norms the items of the highest promise are most of every answer, with even ones they are no better than others and
/// scoring them is lost.
/// </summary>
internal static class EffortLadder
{
    // A slot of the head is read in order and costs about a twenty-fifth of a slot whose links are followed (measured on 10,000 to
    // 1,000,000 items, bench/results).
    private const double HeadShare = 1.0 / 25;

    private static readonly int[] Breadths = [16, 32, 64, 100, 160, 250, 400, 640, 1000, 1600, 3200];
    private static readonly int[] Heads = [32, 512, 2048, 8192, 32_768, 65_536];

    /// <summary>
    /// Efforts for a graph of so many items; those cheaper than <paramref name="first"/> are left out and it is the first.
    /// </summary>
    public static IEnumerable<SearchEffort> Rungs(int items, SearchEffort? first)
    {
        double least = first is { } f ? Cost(f) : 0;
        IEnumerable<SearchEffort> dearer =
            Breadths.SelectMany(b => Heads.Where(h => h == Heads[0] || h <= items).Select(h => new SearchEffort(b, h)))
            .Where(e => Cost(e) > least && (first is not { } f || (e.EfSearch >= f.EfSearch && e.Head >= f.Head))).OrderBy(Cost);
        return first is { } given ? dearer.Prepend(given) : dearer;
    }

    /// <summary>Roughly how many slots' links could be followed in the time.</summary>
    public static double Cost(SearchEffort effort) => effort.EfSearch + (HeadShare * effort.Head);
}
