using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>
/// Sorts candidates that stand in the order of their rounded scores by their exact ones: hardly any moves far, so each is carried to its
/// place.
/// </summary>
internal static class NearlySorted
{
    // Moves for each candidate, beyond which the order was no help.
    private const int Patience = 16;

    /// <summary>Best first, in the order of <see cref="TopK"/>.</summary>
    public static void Sort(Span<Scored> candidates)
    {
        int moves = candidates.Length * Patience;
        for (int i = 1; i < candidates.Length; i++)
        {
            Scored candidate = candidates[i];
            int place = i;
            for (; place > 0 && TopK.Worse(candidates[place - 1], candidate); place--) { candidates[place] = candidates[place - 1]; }
            candidates[place] = candidate;
            moves -= i - place;
            if (moves >= 0) { continue; }
            candidates.Sort(static (a, b) => TopK.Worse(a, b) ? 1 : TopK.Worse(b, a) ? -1 : 0);
            return;
        }
    }
}
