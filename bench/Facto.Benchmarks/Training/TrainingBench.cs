using System.Globalization;
using Facto.Data.Text;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Benchmarks.Training;

/// <summary>
/// Times training passes on libFM files: <c>training TRAIN TEST [--solver adagrad] [--task regression] [--k 16,32,64] [--threads 1]
/// [--epochs 11] [--lr …] [--reg-linear …] [--reg-factors …] [--init …] [--g0 …] [--schedule …]</c>. Prints, per k, the median pass,
/// examples/s, the floor and the share of it, and the test metric of every pass: parsing, the visiting order and scoring are left out of
/// the measured time.
/// </summary>
internal static class TrainingBench
{
    public static int Run(string[] args)
    {
        if (args.Length < 2 || args.Length % 2 != 0 || args[0].StartsWith('-') || args[1].StartsWith('-'))
        {
            Console.Error.WriteLine("""
                usage: training TRAIN TEST [--solver adagrad] [--task regression] [--k 16,32,64] [--threads 1] [--epochs 11] [--seed 1] [--lr …] [--reg-linear …]
                       [--reg-factors …] [--init …] [--g0 …] [--schedule …] [--decay …] [--positive-from …]
                TRAIN and TEST are libFM, libSVM or libFFM files; every option takes a value.
                """);
            return 2;
        }

        foreach (string missing in args[..2].Where(path => !File.Exists(path)))
        {
            Console.Error.WriteLine($"training: there is no file {missing}");
            return 2;
        }

        var named = new Dictionary<string, string>();
        for (int i = 2; i + 1 < args.Length; i += 2) { named[args[i].TrimStart('-')] = args[i + 1]; }
        LearningTask task = Enum.Parse<LearningTask>(named.GetValueOrDefault("task", "regression"), ignoreCase: true);
        var reading = new SparseTextOptions { PositiveFrom = Float("positive-from") ?? (task == LearningTask.Binary ? 0.5f : null) };
        long parseStart = TimeProvider.System.GetTimestamp();
        SparseTextData parts = SparseTextReader.Read([[args[0]], [args[1]]], reading);
        Dataset train = parts.Parts[0], test = parts.Parts[1];
        double parseSeconds = TimeProvider.System.GetElapsedTime(parseStart).TotalSeconds;
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"{train.Count} train + {test.Count} test rows, {train.Schema.FeatureCount} features, read in {parseSeconds:0.000} s; "
                    + $"{LaneWidth.Best} lanes"));
        foreach (string k in named.GetValueOrDefault("k", "16").Split(','))
        {
            var options = new TrainOptions
            {
                Task = task,
                Solver = named.GetValueOrDefault("solver", "adagrad"),
                Factors = int.Parse(k, CultureInfo.InvariantCulture),
                Epochs = int.Parse(named.GetValueOrDefault("epochs", "11"), CultureInfo.InvariantCulture),
                Threads = int.Parse(named.GetValueOrDefault("threads", "1"), CultureInfo.InvariantCulture),
                Seed = ulong.Parse(named.GetValueOrDefault("seed", "1"), CultureInfo.InvariantCulture),
                LearningRate = Float("lr"),
                RegularizationLinear = Float("reg-linear"),
                RegularizationFactors = Float("reg-factors"),
                InitStandardDeviation = Float("init"),
                InitialAccumulator = Float("g0"),
                Decay = Float("decay"),
                Schedule = named.TryGetValue("schedule", out string? schedule)
                    ? Enum.Parse<LearningRateSchedule>(schedule, ignoreCase: true)
                    : null,
                Patience = named.GetValueOrDefault("solver") == "gibbs" ? null : 0,   // which never stops early
            };
            Report(train, test, options);
        }

        return 0;

        float? Float(string name) => named.TryGetValue(name, out string? text) ? float.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    private static void Report(Dataset train, Dataset test, TrainOptions given)
    {
        TrainResult result = Trainer.Train(new TrainingJob(train, given, test));
        SolverSettings options = result.Settings;
        double[] seconds = [.. result.History.Select(r => r.Seconds).Order()];
        double median = seconds[seconds.Length / 2];
        double floor = PassFloor.Seconds(train, options);
        string metrics =
            string.Join(' ', result.History.Select(r => r.Validation!.Value.Value.ToString("0.0000", CultureInfo.InvariantCulture)));
        EpochReport best = result.History.MinBy(r => r.Validation!.Value.Value)!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Solver} k={options.Factors} threads={options.Threads}: median pass {median * 1000:0.0} ms (min "
                + $"{seconds[0] * 1000:0.0}) = {train.Count / median / 1e6:0.0} M examples/s, floor {floor * 1000:0.0} ms = "
                    + $"{100 * floor / median:0} % reached; {best.Validation!.Value.Name} {best.Validation.Value.Value:0.0000} "
                        + $"@{best.Epoch}; working set {Environment.WorkingSet >> 20} MB"));
        Console.WriteLine($"    {metrics}");
    }
}
