using CsCheck;
using Facto.Numerics;

namespace Facto.Tests.Numerics;

public class TopKTests
{
    [Fact]
    public void Keeps_what_a_sort_would_keep_ties_by_lower_index() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[-3, 3].Array[0, 60], Gen.ULong).Sample((n, scores, seed) =>
        {
            int[] order = [.. Enumerable.Range(0, scores.Length)];
            var random = new SeededRandom(seed);
            random.Shuffle(order.AsSpan());
            var storage = new Scored[n];
            var top = new TopK(storage);
            foreach (int i in order) { top.Add(i, scores[i]); }
            int count = top.Finish();
            Scored[] expected = [.. scores.Select((s, i) => new Scored(i, s)).OrderByDescending(s => s.Score).ThenBy(s => s.Index).Take(n)];
            Assert.Equal(expected, storage[..count]);
        });

    [Fact]
    public void Never_keeps_NaN()
    {
        var storage = new Scored[2];
        var top = new TopK(storage);
        top.Add(0, float.NaN);
        top.Add(1, -5);
        Assert.Equal(1, top.Finish());
        Assert.Equal(1, storage[0].Index);
    }
}
