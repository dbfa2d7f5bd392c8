using System.Globalization;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Session;

/// <summary>A random share of the training examples, kept back to choose the number of epochs on.</summary>
internal static class HoldOut
{
    private const ulong Stream = 0x686f6c64;

    /// <summary>Splits; the same seed and share give the same examples.</summary>
    /// <param name="train">Training examples.</param>
    /// <param name="share">Above 0 and below 1.</param>
    /// <param name="seed">Start of the draws.</param>
    /// <exception cref="FactoException">
    /// The share is out of range or holds no example, or what users have is a feature that would give the answer away.
    /// </exception>
    public static (Dataset Train, Dataset Validation) Split(Dataset train, double share, ulong seed)
    {
        if (share is not (> 0 and < 1))
        {
            throw new FactoException(string.Create(
                CultureInfo.InvariantCulture, $"option holdout is {share}; it must be above 0 and below 1"));
        }
        if (train.ItemIds is not null && HistoryFeatures.Of(train.Schema, train.ItemIds) is not null)
        {
            throw new FactoException(
                "option holdout cannot be used with a bag of the user's items: the bags hold the very items that would be held out; let "
                    + "the split make a validation part");
        }

        int held = (int)(share * train.Count);
        if (held == 0)
        {
            throw new FactoException(string.Create(CultureInfo.InvariantCulture, $"option holdout is {share}: of {train.Count} examples "
                + $"that is none; "
                + $"give a larger share"));
        }
        int[] rows = [.. Enumerable.Range(0, train.Count)];
        var random = new SeededRandom(seed, Stream);
        random.Shuffle(rows.AsSpan());
        return (train.Select(rows.AsSpan(held)), train.Select(rows.AsSpan(0, held)));
    }
}
