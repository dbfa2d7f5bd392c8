using Facto.Numerics;

namespace Facto.Data.Building;

/// <summary>
/// Each positive of a split is followed by its negatives, which share its user, context, time and weight. Never drawn are the positives of
/// this split and of those before it, so that nothing about a later split can be told from an earlier one.
/// </summary>
internal sealed class NegativeRows(NegativeSpec spec, Interactions all, int userCount, int[] popularity)
{
    private readonly List<(int User, int Item)> _known = [];

    /// <summary>Negatives drawn so far.</summary>
    public long Count { get; private set; }

    /// <summary>The rows with their negatives.</summary>
    /// <param name="rows">Rows of the log.</param>
    /// <param name="split">0 for the first split, 1 for the next: its draws are its own.</param>
    public Interactions Add(int[] rows, ulong split)
    {
        _known.AddRange(rows.Where(i => all.Labels[i] > 0).Select(i => (all.Users![i], all.Items![i])));
        var draws = new NegativeDraws(userCount, popularity, spec.PopularityExponent, _known);
        var random = new SeededRandom(spec.Seed, split);
        List<int> source = [], items = [];
        var labels = new List<float>();
        foreach (int i in rows)
        {
            Append(i, all.Items![i], all.Labels[i]);
            for (int n = 0; n < spec.PerPositive && all.Labels[i] > 0; n++)
            {
                int item = draws.Draw(all.Users![i], ref random);
                if (item < 0) { break; }
                Append(i, item, 0);
                Count++;
            }
        }

        Interactions columns = all.Select([.. source]);
        return new Interactions
        {
            Users = columns.Users,
            Items = new NativeBlock<int>([.. items]),
            Contexts = columns.Contexts,
            Labels = new NativeBlock<float>([.. labels]),
            Times = columns.Times,
            Weights = columns.Weights,
        };

        void Append(int row, int item, float label)
        {
            source.Add(row);
            items.Add(item);
            labels.Add(label);
        }
    }
}
