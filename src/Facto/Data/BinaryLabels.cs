using System.Globalization;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>The labels of a binary task: 0 and 1, or −1 and 1. Any other set would be taken for positives without a word, so it is
/// refused.</summary>
internal static class BinaryLabels
{
    private const int Shown = 6;

    /// <summary>Makes −1 to 0.</summary>
    /// <param name="parts">Labels, those to learn from first.</param>
    /// <param name="path">Where they come from.</param>
    /// <param name="remedy">How to say which labels are positive, such as "--positive-from 2".</param>
    /// <param name="learning">Whether the first part is learnt from, which takes both classes.</param>
    /// <exception cref="FactoException">There are other labels, or one class alone to learn from.</exception>
    public static void Normalise(IReadOnlyList<NativeBlock<float>> parts, string path, Func<float, string> remedy, bool learning)
    {
        var counts = new SortedDictionary<float, long>();
        foreach (NativeBlock<float> part in parts)
        {
            foreach (ref float label in part.Span)
            {
                if (label == -1) { label = 0; }
                if (label is 0 or 1) { continue; }
                Count(parts, counts);
                string found = string.Join(", ", counts.Take(Shown).Select(c =>
                    string.Create(CultureInfo.InvariantCulture, $"{c.Key} ({c.Value} rows)")))
                    + (counts.Count > Shown ? " …" : string.Empty);
                float middle = counts.Keys.ElementAt((counts.Count + 1) / 2);
                throw new FactoException(
                    $"{path}: the labels are {found}: a binary task takes 0 and 1, or -1 and 1; say from which label on a row is "
                        + $"positive ({remedy(middle)}), or predict the label itself with the task regression");
            }
        }

        if (!learning || parts.Count == 0 || parts[0].Length == 0) { return; }
        float first = parts[0][0];
        foreach (float label in parts[0].Span)
        {
            if (label != first) { return; }
        }

        throw new FactoException(
            $"{path}: every label is {(first == 1 ? "1 (positive)" : "0 (negative)")}: a binary task needs both to learn from; with "
                + $"positives alone use the task ranking");
    }

    /// <summary>Whether all labels are 0, 1 or −1.</summary>
    public static bool Fit(IReadOnlyList<NativeBlock<float>> parts)
    {
        foreach (NativeBlock<float> part in parts)
        {
            foreach (float label in part.Span)
            {
                if (label is not (0 or 1 or -1)) { return false; }
            }
        }

        return true;
    }

    private static void Count(IReadOnlyList<NativeBlock<float>> parts, SortedDictionary<float, long> counts)
    {
        foreach (NativeBlock<float> part in parts)
        {
            foreach (float label in part.Span)
            {
                if (counts.Count <= Shown || counts.ContainsKey(label)) { counts[label] = counts.GetValueOrDefault(label) + 1; }
            }
        }
    }
}
