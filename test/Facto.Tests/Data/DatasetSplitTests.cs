using CsCheck;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Data;

public class DatasetSplitTests
{
    private static readonly Gen<(int User, long Time)[]> Log = Gen.Select(Gen.Int[0, 6], Gen.Long[0, 15]).Array[0, 80];

    private static DatasetSplit Make(SplitSpec spec, (int User, long Time)[] log) => DatasetSplit.Make(
        spec, log.Length, new NativeBlock<int>(log.Select(l => l.User).ToArray()),
            new NativeBlock<long>(log.Select(l => l.Time).ToArray()));

    [Theory]
    [InlineData(nameof(SplitKind.Random))]
    [InlineData(nameof(SplitKind.LeaveLast))]
    [InlineData(nameof(SplitKind.Time))]
    [InlineData(nameof(SplitKind.Users))]
    [InlineData(nameof(SplitKind.None))]
    public void Every_example_is_in_exactly_one_part_and_the_seed_decides(string kindName)
    {
        SplitKind kind = Enum.Parse<SplitKind>(kindName);
        Gen.Select(Log, Gen.Double[0, 0.45], Gen.Double[0, 0.45], Gen.ULong).Sample((log, validation, test, seed) =>
        {
            var spec = new SplitSpec { Kind = kind, Validation = validation, Test = test, Seed = seed };
            DatasetSplit split = Make(spec, log), again = Make(spec, log);
            Assert.Equal(Enumerable.Range(0, log.Length), split.Train.Concat(split.Validation).Concat(split.Test).Order());
            Assert.Equal(split.Train, again.Train);
            Assert.Equal(split.Test, again.Test);
        }, iter: 200);
    }

    [Fact]
    public void Held_out_users_keep_their_oldest_share_as_history_and_something_to_be_judged_by()
    {
        Gen.Select(Log, Gen.Double[0.05, 0.95], Gen.ULong).Sample((log, history, seed) =>
        {
            var spec = new SplitSpec { Kind = SplitKind.Users, Validation = 0.3, Test = 0.3, Seed = seed };
            DatasetSplit plain = Make(spec, log), split = Make(spec with { History = history }, log);
            Assert.Equal(plain.Train, split.Train);
            Assert.Empty(plain.History);
            Assert.Equal(plain.Validation.Concat(plain.Test).Order(), split.Validation.Concat(split.Test).Concat(split.History).Order());
            foreach (IGrouping<int, int> user in plain.Validation.Concat(plain.Test).GroupBy(i => log[i].User))
            {
                int[] inOrder = [.. user.OrderBy(i => log[i].Time).ThenBy(i => i)];
                int known = Math.Min(inOrder.Length - 1, (int)Math.Round(history * inOrder.Length));
                Assert.Equal(inOrder.Take(known).Order(), split.History.Where(i => log[i].User == user.Key));
            }
        }, iter: 200);
        Assert.Contains(
            "split.history goes with",
            Assert.Throws<FactoException>(() => new SplitSpec { Kind = SplitKind.Random, History = 0.5 }.Validate()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Leave_last_takes_each_users_newest_and_leaves_a_user_something_to_learn_from()
    {
        Gen.Select(Log, Gen.Int[1, 3], Gen.Bool).Sample((log, last, withValidation) =>
        {
            DatasetSplit split = Make(new SplitSpec { Kind = SplitKind.LeaveLast, Last = last, ValidationPart = withValidation }, log);
            foreach (IGrouping<int, int> user in Enumerable.Range(0, log.Length).GroupBy(i => log[i].User))
            {
                int[] inOrder = [.. user.OrderBy(i => log[i].Time).ThenBy(i => i)];
                int held = withValidation ? 2 * last : last;
                int[] test = inOrder.Length > held
                    ? inOrder[^last..]
                    : [], validation = inOrder.Length > held && withValidation ? inOrder[^held..^last] : [];
                Assert.Equal(test.Order(), split.Test.Where(i => log[i].User == user.Key));
                Assert.Equal(validation.Order(), split.Validation.Where(i => log[i].User == user.Key));
                Assert.Contains(split.Train, i => log[i].User == user.Key);
            }
        }, iter: 300);
    }

    [Fact]
    public void A_time_split_never_trains_on_what_came_after_its_test()
    {
        Gen.Select(Log, Gen.Double[0, 0.4], Gen.Double[0.05, 0.4]).Sample((log, validation, test) =>
        {
            DatasetSplit split = Make(new SplitSpec { Kind = SplitKind.Time, Validation = validation, Test = test }, log);
            foreach (int i in split.Test)
            {
                Assert.All(split.Train.Concat(split.Validation), j => Assert.True(log[j].Time < log[i].Time));
            }

            foreach (int i in split.Validation) { Assert.All(split.Train, j => Assert.True(log[j].Time < log[i].Time)); }
        }, iter: 200);
    }

    [Fact]
    public void Held_out_users_are_in_one_part_only()
    {
        Log.Sample(log =>
        {
            DatasetSplit split = Make(new SplitSpec { Kind = SplitKind.Users, Test = 0.4, Validation = 0.3 }, log);
            int[][] parts = [split.Train, split.Validation, split.Test];
            Assert.Equal(log.Select(l => l.User).Distinct().Count(), parts.Sum(p => p.Select(i => log[i].User).Distinct().Count()));
        }, iter: 200);
    }

    [Fact]
    public void Shares_that_leave_nothing_for_training_are_refused() =>
        Assert.Contains(
            "split.test 0.6", Assert.Throws<FactoException>(() => Make(new SplitSpec { Validation = 0.4, Test = 0.6 }, [])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(0.75)]
    public void Negatives_follow_their_distribution_and_are_never_known(double exponent)
    {
        int[] popularity = [1, 2, 4, 8, 16, 32, 0, 5];
        (int, int)[] known = [
            (0, 5), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4),
            (3, 5), (3, 7)];
        var draws = new NegativeDraws(4, popularity, exponent, known);
        var random = new SeededRandom(5);
        Assert.Equal(-1, draws.Draw(2, ref random));
        Assert.Equal(6, draws.Draw(3, ref random));
        const int count = 40_000;
        int[] seen = new int[popularity.Length];
        for (int i = 0; i < count; i++) { seen[draws.Draw(0, ref random)]++; }
        double[] weights = [.. popularity.Select((p, i) => i is 5 or 1 ? 0 : Math.Pow(Math.Max(1, p), exponent))];
        // Pearson's statistic with 5 degrees of freedom: above 25.7 once in 10,000 seeds.
        double statistic = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double expected = count * weights[i] / weights.Sum();
            if (expected == 0) { Assert.Equal(0, seen[i]); }
            else { statistic += (seen[i] - expected) * (seen[i] - expected) / expected; }
        }

        Assert.True(statistic < 25.7, $"χ² = {statistic}");
    }
}
