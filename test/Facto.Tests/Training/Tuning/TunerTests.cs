using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Training.Ranking;
using Facto.Training;
using Facto.Training.Tuning;

namespace Facto.Tests.Training.Tuning;

public sealed class TunerTests
{
    private static readonly SearchSpace s_space = new(
        new SearchDimension("learning-rate", 1e-4, 0.3, IsLogarithmic: true), new SearchDimension("temperature", 0.1, 0.5),
        new SearchDimension("factors", 2, 8, IsInteger: true));

    [Fact]
    public void Every_rung_keeps_the_best_third_and_gives_it_three_times_the_passes()
    {
        TuneResult result = Tuner.Run(Job(), s_space, new TuneOptions { Trials = 9 });
        Assert.Equal([9, 3, 1], result.Trials.GroupBy(t => t.Rung).Select(g => g.Count()));
        Assert.Equal([1, 3, 9], result.Trials.GroupBy(t => t.Rung).Select(g => g.Select(t => t.Epochs).Distinct().Single()));
        for (int rung = 0; rung < 2; rung++)
        {
            Trial[] here = [.. result.Trials.Where(t => t.Rung == rung)];
            Assert.Equal(
                here.OrderByDescending(t => t.Value).ThenBy(t => t.Number).Take(here.Length / 3).Select(t => t.Number).Order(),
                result.Trials.Where(t => t.Rung == rung + 1).Select(t => t.Number).Order());
        }

        Assert.Equal(2, result.Best.Rung);
        Assert.Equal((float)result.Best.Values["learning-rate"], result.Options.LearningRate);
        Assert.Equal(result.Best.Values["temperature"], result.Options.Extra["temperature"]);
        Assert.Equal((int)result.Best.Values["factors"], result.Options.Factors);
    }

    [Fact]
    public void The_best_options_trained_again_give_the_best_trials_value()
    {
        TrainingJob job = Job();
        TuneResult result = Tuner.Run(job, s_space, new TuneOptions { Trials = 6 });
        Assert.Equal(result.Best.Value, Trainer.Train(job with { Given = result.Options }).BestValidation!.Value.Value);
        Assert.True(result.Best.Value >= result.Trials.Where(t => t.Rung == 0).Average(t => t.Value));
    }

    [Fact]
    public void Workers_change_the_time_and_not_the_outcome()
    {
        TuneResult one = Tuner.Run(Job(), s_space, new TuneOptions { Trials = 9 }),
            two = Tuner.Run(Job(), s_space, new TuneOptions { Trials = 9, Workers = 2 });
        Assert.Equal(one.Trials.Select(t => (t.Number, t.Rung, t.Value)), two.Trials.Select(t => (t.Number, t.Rung, t.Value)));
    }

    [Fact]
    public void A_search_cut_anywhere_continues_where_it_stopped()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("trials.jsonl");
        var options = new TuneOptions { Trials = 9, TrialsFile = path };
        TuneResult whole = Tuner.Run(Job(), s_space, options);
        byte[] bytes = File.ReadAllBytes(path);
        foreach (int cut in new[] { 0, 5, bytes.Length / 3, bytes.Length / 2, bytes.Length - 1, bytes.Length })
        {
            File.WriteAllBytes(path, bytes[..cut]);
            int kept = bytes[..cut].Count(b => b == '\n'), ran = 0;
            TuneResult again = Tuner.Run(Job(), s_space, options, new Counter(() => ran++));
            Assert.Equal(13 - Math.Max(0, kept - 1), ran);
            Assert.Equal(whole.Trials.Select(t => (t.Number, t.Rung, t.Value)), again.Trials.Select(t => (t.Number, t.Rung, t.Value)));
            Assert.Equal(14, File.ReadAllLines(path).Length);
        }
    }

    [Fact]
    public void Another_searchs_file_and_a_damaged_line_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("trials.jsonl");
        var options = new TuneOptions { Trials = 3, Rungs = 1, TrialsFile = path };
        Tuner.Run(Job(), s_space, options);
        string text = File.ReadAllText(path);
        Assert.Contains(
            "belongs to another search", Assert.Throws<FactoException>(() => Tuner.Run(Job(), s_space, options with { Seed = 2 })).Message,
            StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
        string[] lines = File.ReadAllLines(path);
        File.WriteAllText(path, lines[0] + "\n{\"number\": oops}\n");
        Assert.Contains(
            "(2) is no trial", Assert.Throws<InvalidDataException>(() => Tuner.Run(Job(), s_space, options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_that_fails_is_recorded_with_its_reason_and_loses()
    {
        // "positives" may be at most 2^20: about half of the trials draw a value that the solver refuses.
        var space = new SearchSpace(new SearchDimension("positives", 0, 1 << 21, IsInteger: true));
        TuneResult result = Tuner.Run(Job(), space, new TuneOptions { Trials = 12, Rungs = 1 });
        Trial[] failed = [.. result.Trials.Where(t => t.Failure is not null)];
        Assert.InRange(failed.Length, 1, 11);
        Assert.All(failed, t => Assert.Contains("option positives is", t.Failure, StringComparison.Ordinal));
        Assert.Null(result.Best.Failure);
        var hopeless = new SearchSpace(new SearchDimension("colour", 0, 1));
        Assert.Contains(
            "no option 'colour'", Assert.Throws<FactoException>(() => Tuner.Run(Job(), hopeless, new TuneOptions { Trials = 2 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tuning_without_a_validation_part_and_ranges_that_make_no_sense_are_refused()
    {
        Assert.Contains(
            "needs a validation part",
            Assert.Throws<FactoException>(() => Tuner.Run(Job() with { Validation = null }, s_space, new())).Message,
            StringComparison.Ordinal);
        Assert.Throws<FactoException>(() => new SearchSpace());
        Assert.Throws<FactoException>(() => new SearchSpace(new SearchDimension("a", 2, 1)));
        Assert.Throws<FactoException>(() => new SearchSpace(new SearchDimension("a", 0, 1, IsLogarithmic: true)));
        Assert.Throws<FactoException>(() => new SearchSpace(new SearchDimension("a", 0, 1), new SearchDimension("a", 0, 2)));
        Assert.Contains(
            "option rungs is 0", Assert.Throws<FactoException>(() => Tuner.Run(Job(), s_space, new TuneOptions { Rungs = 0 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_fill_their_range_evenly_on_the_scale_that_was_asked_for()
    {
        var random = new SeededRandom(1);
        var rate = new SearchDimension("learning-rate", 1e-4, 1, IsLogarithmic: true);
        var factors = new SearchDimension("factors", 1, 4, IsInteger: true);
        double[] logs = [.. Enumerable.Range(0, 4000).Select(_ => Math.Log10(rate.Draw(ref random)))];
        Assert.Equal(-2, logs.Average(), 0.1);
        Assert.InRange(logs.Min(), -4, -3.9);
        Assert.InRange(logs.Max(), -0.1, 0);
        double[] whole = [.. Enumerable.Range(0, 4000).Select(_ => factors.Draw(ref random))];
        foreach (int value in new[] { 1, 2, 3, 4 }) { Assert.Equal(1000, whole.Count(v => v == value), 150.0); }
    }

    [Fact]
    public void The_test_part_is_not_even_looked_at()
    {
        // Gibbs sampling keeps running predictions of the test part, and this one's rows do not exist: whoever looks at it fails.
        TrainingJob job =
            Job() with
            {
                Given = new TrainOptions
                {
                    Task = LearningTask.Regression,
                    Solver = "gibbs",
                    Factors = 2,
                    Epochs = 2,
                    BurnIn = 0
                }
            };
        job = job with { Train = Rated(job.Train), Validation = Rated(job.Validation!) };
        Interactions broken = job.Validation!.Interactions.Select([0, 1]);
        broken.Users![0] = int.MaxValue;
        TrainingJob withTest = job with { Test = job.Validation.WithInteractions(broken) };
        Assert.ThrowsAny<Exception>(() => Trainer.Train(withTest));
        var space = new SearchSpace(new SearchDimension("init-stdev", 0.01, 0.3, IsLogarithmic: true));
        TuneResult without = Tuner.Run(job, space, new TuneOptions { Trials = 3 }),
            with = Tuner.Run(withTest, space, new TuneOptions { Trials = 3 });
        Assert.Equal(without.Trials.Select(t => (t.Number, t.Rung, t.Value)), with.Trials.Select(t => (t.Number, t.Rung, t.Value)));
    }

    [Fact]
    public void A_cancelled_search_says_so_and_nothing_else_whichever_worker_was_hit()
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () =>
            Tuner.Run(
                Job(), s_space, new TuneOptions { Trials = 40, Workers = 2 }, new Counter(cancel.Cancel), cancellation: cancel.Token));
    }

    [Theory]
    [InlineData("learning-rate", "0.001..0.3 log", 0.001, 0.3, true, false)]
    [InlineData("learningRate", "0..1", 0, 1, false, false)]
    [InlineData("factors", "8..64, log", 8, 64, true, true)]
    [InlineData("negatives", "32..512 int log", 32, 512, true, true)]
    public void A_range_is_written_as_two_numbers_and_its_scale(string name, string range, double low, double high, bool log, bool whole)
    {
        var dimension = SearchDimension.Parse(name, range);
        Assert.Equal((low, high, log, whole), (dimension.Low, dimension.High, dimension.IsLogarithmic, dimension.IsInteger));
        Assert.Equal(name == "negatives" ? "extra.negatives" : name == "factors" ? "factors" : "learningRate", dimension.Setting);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1..2 logarithmic")]
    [InlineData("a..2")]
    [InlineData("3..2")]
    [InlineData("0..2 log")]
    public void A_range_that_makes_no_sense_is_named(string range) =>
        Assert.Contains(
            "learning-rate", Assert.Throws<FactoException>(() => SearchDimension.Parse("learning-rate", range)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Every_solver_has_ranges_of_its_own_options_that_it_accepts()
    {
        foreach (SolverDescription solver in Solvers.All)
        {
            TrainingJob job = Job();
            LearningTask task = solver.Tasks.Contains(LearningTask.Ranking) ? LearningTask.Ranking : solver.Tasks[0];
            job = job with
            {
                Given = new TrainOptions
                {
                    Task = task,
                    Solver = solver.Name,
                    Factors = 4,
                    Epochs = 2,
                    BurnIn = solver.Name == "gibbs" ? 0 : null
                }
            };
            if (task != LearningTask.Ranking) { job = job with { Train = Rated(job.Train), Validation = Rated(job.Validation!) }; }
            TuneResult result = Tuner.Run(job, SearchSpace.Default(job.Given), new TuneOptions { Trials = 2, Rungs = 1 });
            Assert.All(result.Trials, t => Assert.Null(t.Failure));
        }
    }

    private static Dataset Rated(Dataset data)
    {
        for (int i = 0; i < data.Count; i++) { data.Interactions.Labels[i] = i % 2; }
        return data;
    }

    private static TrainingJob Job()
    {
        (Dataset train, Dataset test) = RankingData.Checkerboard();
        return new TrainingJob(train, RankingData.Options("bsl", ("batch", 8), ("negatives", 32)) with { Epochs = 9 }, test);
    }

    private sealed class Counter(Action count) : IProgress<Trial>
    {
        public void Report(Trial value) => count();
    }
}
