using System.Collections.Concurrent;
using Facto.Data;
using Facto.Training.Session;

namespace Facto.Training.Tuning;

/// <summary>
/// Searches options by random points and successive halving (Jamieson and Talwalkar 2016; random search: Bergstra and Bengio 2012). It sees
/// the training and the validation part and nothing else: there is no way to hand it the test split.
/// </summary>
internal static class Tuner
{
    /// <summary>Searches.</summary>
    /// <param name="job">Training and validation data, and the options that every trial starts from; their epochs are those of the last
    /// rung.</param>
    /// <param name="space">What may change.</param>
    /// <param name="options">How to search.</param>
    /// <param name="progress">Told after each trial.</param>
    /// <param name="time">Measures the trials; the system's clock when null.</param>
    /// <param name="cancellation">Ends the search; finished trials stay in the file.</param>
    /// <exception cref="FactoException">There is no validation part, an option is out of range, the file belongs to another search, or
    /// every trial failed.</exception>
    public static TuneResult Run(
        TrainingJob job, SearchSpace space, TuneOptions options, IProgress<Trial>? progress = null, TimeProvider? time = null,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(space);
        options.Validate();
        if (job.Validation is not { Count: > 0 } validation)
        {
            throw new FactoException("tuning needs a validation part; give the split one (it never sees the test part)");
        }
        job = job with { Test = null };   // not even a sampler's running mean looks at it
        string data = DatasetFingerprint.Of(new Dictionary<string, Dataset> { ["train"] = job.Train, ["validation"] = validation });
        var search = new SearchDescription(
            data, job.Train.Count, validation.Count, job.Given, space.Dimensions, options.Reduction, options.Rungs, options.Seed);
        using var log = new TrialLog(options.TrialsFile, search);
        var plan = new Plan(job, space, options, progress, time);
        int[] numbers = [.. Enumerable.Range(0, options.Trials)];
        var all = new List<Trial>();
        for (int rung = 0; rung < options.Rungs; rung++)
        {
            Trial[] trials = plan.RunRung(numbers, rung, log, cancellation);
            all.AddRange(trials);
            numbers = [.. trials.Take(Math.Max(1, trials.Length / options.Reduction)).Select(t => t.Number)];
        }

        Trial best = all.First(t => t.Rung == options.Rungs - 1);
        if (best.Failure is not null)
        {
            throw new FactoException($"every trial of the last rung failed; the first one because {best.Failure}");
        }
        return new TuneResult(SearchSpace.Apply(job.Given, best.Values), best, all);
    }

    // What all trials of a search share.
    private sealed class Plan(TrainingJob job, SearchSpace space, TuneOptions options, IProgress<Trial>? progress, TimeProvider? time)
    {
        // Best first; ties go to the lower number, so that the outcome does not depend on which worker was faster.
        public Trial[] RunRung(int[] numbers, int rung, TrialLog log, CancellationToken cancellation)
        {
            int epochs = Math.Max(1, (int)Math.Round(job.Options.Epochs / Math.Pow(options.Reduction, options.Rungs - 1 - rung)));
            var trials = new Trial[numbers.Length];
            // One at a time from the list: trials take minutes and differ in length.
            Partitioner<int> oneByOne = Partitioner.Create(Enumerable.Range(0, numbers.Length), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(
                oneByOne, new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellation }, i =>
            {
                if (log.Find(numbers[i], rung) is { } done)
                {
                    trials[i] = done;
                    return;
                }

                trials[i] = RunTrial(numbers[i], rung, epochs, cancellation);
                log.Add(trials[i]);
                progress?.Report(trials[i]);
            });
            Array.Sort(trials, (a, b) => a.IsBetterThan(b) ? -1 : b.IsBetterThan(a) ? 1 : a.Number.CompareTo(b.Number));
            return trials;
        }

        // A run that diverges is a result like another; an option that the solver does not know would fail every trial, and says so when
        // all have failed.
        private Trial RunTrial(int number, int rung, int epochs, CancellationToken cancellation)
        {
            Dictionary<string, double> values = space.Draw(options.Seed, number);
            TrainOptions trialOptions = SearchSpace.Apply(job.Given, values) with { Epochs = epochs };
            try
            {
                var session = new TrainingSession
                {
                    Train = job.Train,
                    Validation = job.Validation,
                    Options = trialOptions,
                    WarmStart = job.WarmStart is null ? null : new WarmStart(job.WarmStart, job.WarmState),
                    Time = time,
                };
                TrainResult result = session.Run(cancellation).Result;
                ValidationMetric metric = result.BestValidation
                    ?? throw new FactoException($"solver '{job.Options.Solver}' has no validation metric for these data");
                return new Trial(
                    number, rung, epochs, values, metric.Name, metric.Value, metric.HigherIsBetter, result.BestEpoch, result.Seconds, null);
            }
            catch (OperationCanceledException)
            {
                cancellation.ThrowIfCancellationRequested();
                throw;
            }
            catch (FactoException e)
            {
                return new Trial(number, rung, epochs, values, null, double.NaN, false, 0, 0, e.Message);
            }
        }
    }
}
