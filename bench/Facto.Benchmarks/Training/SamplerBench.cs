using System.Globalization;
using Facto.Data.Text;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Benchmarks.Training;

/// <summary>
/// Times sweeps of the block solvers on libFM files: <c>sampler TRAIN TEST [--groups FILE.meta] [--solver gibbs] [--task regression] [--k
/// 16] [--threads 1] [--epochs 100] [--burn-in 10] [--samples 16] [--seed 1] [--reg-linear …] [--reg-factors …] [--every 10]</c>. Prints
/// the median sweep, the floor (k²/2 multiply-adds per example and block at this machine's rate) and the test metric as it goes; parsing,
/// planning the blocks and scoring the test part are left out of the sweep's time.
/// </summary>
internal static class SamplerBench
{
    public static int Run(string[] args)
    {
        var named = new Dictionary<string, string>();
        for (int i = 2; i + 1 < args.Length; i += 2) { named[args[i].TrimStart('-')] = args[i + 1]; }
        var reading =
            new SparseTextOptions
            {
                GroupsPath = named.GetValueOrDefault("groups"),
                PositiveFrom = named.GetValueOrDefault("task") == "binary" ? 0.5f : null
            };
        SparseTextData parts = SparseTextReader.Read([[args[0]], [args[1]]], reading);
        Dataset train = parts.Parts[0], test = parts.Parts[1];
        foreach (string k in named.GetValueOrDefault("k", "16").Split(','))
        {
            var options = new TrainOptions
            {
                Task = Enum.Parse<LearningTask>(named.GetValueOrDefault("task", "regression"), ignoreCase: true),
                Solver = named.GetValueOrDefault("solver", "gibbs"),
                Factors = int.Parse(k, CultureInfo.InvariantCulture),
                Epochs = Int("epochs") ?? 100,
                Threads = Int("threads") ?? 1,
                Seed = (ulong)(Int("seed") ?? 1),
                BurnIn = Int("burn-in"),
                Samples = Int("samples"),
                RegularizationLinear = Float("reg-linear"),
                RegularizationFactors = Float("reg-factors"),
                InitStandardDeviation = Float("init"),
            };
            if (options.Solver != "gibbs") { options = options with { Patience = 0 }; }
            Report(train, test, options, Int("every") ?? 10);
        }

        return 0;

        int? Int(string name) => named.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
        float? Float(string name) => named.TryGetValue(name, out string? text) ? float.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    private static void Report(Dataset train, Dataset test, TrainOptions given, int every)
    {
        TrainResult result = Trainer.Train(new TrainingJob(train, given, test));
        SolverSettings options = result.Settings;
        double[] seconds = [.. result.History.Select(r => r.Seconds).Order()];
        double median = seconds[seconds.Length / 2];
        int blocks = train.IsFlat ? train.Schema.Fields.Count : 2, k = RowMatrix.PaddedLength(options.Factors);
        double floor = PassFloor.FlopSeconds((double)train.Count * blocks * k * (k + 3), options.Threads);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Solver} k={options.Factors} threads={options.Threads} lanes={LaneWidth.Best}: median sweep {median * 1000:0.0} "
                + $"ms (min {seconds[0] * 1000:0.0}), arithmetic floor of {blocks} fields {floor * 1000:0.0} ms; all sweeps "
                    + $"{result.Seconds:0.00} s; working set {Environment.WorkingSet >> 20} MB"));
        Console.WriteLine("    " + string.Join(' ', result.History.Where(r => r.Epoch % every == 0 || r.Epoch == options.Epochs)
            .Select(r => string.Create(
                CultureInfo.InvariantCulture, $"{r.Validation!.Value.Name} {r.Validation.Value.Value:0.0000}@{r.Epoch}"))));
    }
}
