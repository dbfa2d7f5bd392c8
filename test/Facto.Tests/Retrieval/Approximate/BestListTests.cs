using System.Runtime.Intrinsics.X86;
using CsCheck;
using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Tests.Retrieval.Graph;

public class BestListTests
{
    // Few distinct values, so that ties are common.
    private static readonly Gen<float[]> Values = Gen.Int[-300, 300].Select(v => v / 8f).Array[0, 1500];

    [Fact]
    public void It_holds_the_best_in_order_with_ties_in_the_order_of_their_coming() =>
        Gen.Select(Values, Gen.OneOf(Gen.Int[1, 40], Gen.Int[100, 160], Gen.Int[250, 900])).Sample((values, most) =>
        {
            var list = new BestList();
            list.Begin(most);
            var oracle = new List<(float Value, int Slot)>();
            for (int slot = 0; slot < values.Length; slot++)
            {
                list.Enter(values[slot], slot);
                Enter(oracle, most, values[slot], slot);
                // a followed slot is carried along like any other
                if (slot % 97 == 0 && list.Count > 0) { list.Follow(slot % list.Count); }
                if (list.CountAbove(values[slot]) != oracle.Count(o => o.Value > values[slot])) { return false; }
            }

            return list.Count == oracle.Count
                && list.Threshold == (oracle.Count == most ? oracle[^1].Value : float.NegativeInfinity)
                && oracle.Select((o, place) => list.Value(place) == o.Value && list.Slot(place) == o.Slot).All(same => same);
        }, iter: 300);

    [Fact]
    public unsafe void Both_vector_widths_insert_alike() =>
        Gen.Select(Values, Gen.Int[-300, 300]).Sample((values, entering) =>
        {
            float[] sorted = [.. values.OrderDescending()];
            int padded = ((sorted.Length / 16) + 2) * 16;
            NativeBlock<float>[] kept = [new(padded), new(padded)];
            NativeBlock<int>[] slots = [new(padded), new(padded)];
            for (int width = 0; width < 2; width++)
            {
                kept[width].Span.Fill(float.NegativeInfinity);
                sorted.CopyTo(kept[width].Span);
                for (int i = 0; i < sorted.Length; i++) { slots[width][i] = i; }
                if (width == 1 && Avx512F.IsSupported)
                {
                    BestList.Insert512(kept[width].Pointer, slots[width].Pointer, 0, sorted.Length, entering / 8f, -5);
                }
                else { BestList.Insert256(kept[width].Pointer, slots[width].Pointer, 0, sorted.Length, entering / 8f, -5); }
            }

            int place = sorted.Count(v => v >= entering / 8f);
            int[] expected = [.. Enumerable.Range(0, place), -5, .. Enumerable.Range(place, sorted.Length - place)];
            return slots.All(s => s.Slice(0, expected.Length).SequenceEqual(expected))
                && kept.All(k => k.Slice(0, expected.Length).SequenceEqual([.. sorted.Append(entering / 8f).OrderDescending()]));
        }, iter: 300);

    [Fact]
    public void Nothing_that_is_no_number_enters()
    {
        var list = new BestList();
        list.Begin(3);
        foreach (float value in new[] { float.NaN, float.NegativeInfinity, float.PositiveInfinity, 1, float.NaN }) { list.Enter(value, 7); }
        Assert.Equal((2, float.PositiveInfinity, 1f), (list.Count, list.Value(0), list.Value(1)));
    }

    [Fact]
    public void Candidates_are_sorted_however_far_from_their_places_they_stand() =>
        Gen.Select(Values, Gen.Int[0, 40]).Sample((values, noise) =>
        {
            var random = new Random(noise);
            Scored[] candidates = [.. values.OrderByDescending(v => v + (noise * random.NextSingle())).Select((v, i) => new Scored(i, v))];
            Scored[] expected = [.. candidates.OrderByDescending(c => c.Score).ThenBy(c => c.Index)];
            NearlySorted.Sort(candidates);
            return candidates.SequenceEqual(expected);
        }, iter: 300);

    private static void Enter(List<(float Value, int Slot)> list, int most, float value, int slot)
    {
        list.Insert(list.Count(o => o.Value >= value), (value, slot));
        if (list.Count > most) { list.RemoveAt(most); }
    }
}
