using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// Draws item rows with probability ∝ popularity^ρ (<see cref="Popularity.Weight"/>) by the alias method (Walker 1977): two random numbers
/// per draw for any distribution.
/// </summary>
internal sealed class NegativeSampler
{
    private readonly float[] _keep;   // of item i's column, the part that is i itself
    private readonly int[] _alias;

    /// <param name="counts">Positives per item.</param>
    /// <param name="power">ρ ≥ 0; 0 draws uniformly.</param>
    public NegativeSampler(ReadOnlySpan<int> counts, double power)
    {
        int n = counts.Length;
        double[] share = new double[n];
        for (int i = 0; i < n; i++) { share[i] = Popularity.Weight(counts[i], power); }
        double total = share.Sum();
        LogProbability = new float[n];
        (_keep, _alias) = (new float[n], new int[n]);
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < n; i++)
        {
            LogProbability[i] = (float)Math.Log(share[i] / total);
            share[i] *= n / total;
            (_keep[i], _alias[i]) = (1, i);
            (share[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            int low = small.Pop(), high = large.Peek();
            (_keep[low], _alias[low]) = ((float)share[low], high);
            share[high] -= 1 - share[low];
            if (share[high] < 1) { small.Push(large.Pop()); }
        }
    }

    /// <summary>ln q per item.</summary>
    public float[] LogProbability { get; }

    /// <summary>One item row.</summary>
    public int Next(ref SeededRandom random)
    {
        int i = random.NextInt(_keep.Length);
        return random.NextFloat() < _keep[i] ? i : _alias[i];
    }
}
