using System.Globalization;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>
/// Learns a ranking model on a public data set and judges it over the whole catalogue: <c>icd DATA FOLDER [@config] [name=value …]</c>.
/// DATA: lists (LightGCN's train.txt and test.txt), ml-1m (ratings ≥ 4 of split42), frappe (CFM's split), cold (ml-1m-full without a tenth
/// of its movies). Values: factors, epochs, threads, seed, solver, reg, reg-linear, init, rate, schedule (constant, cosine), every (passes
/// between evaluations), cutoffs, validation (share held out, for choosing), history (weight of the bag of the user's items, tied to them;
/// with propagate=1 divided by √popularity too), start-icd (passes of the whole-catalogue solver to start from); any other name is an
/// option of the solver. Loading and judging are not in the seconds.
/// </summary>
internal static class IcdBench
{
    public static int Run(string[] args)
    {
        Dictionary<string, string> values = Values(args.Skip(2));
        double Number(string name, double standard) => values.Remove(name, out string? text)
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : standard;
        string[] cutoffs = (values.Remove("cutoffs", out string? list) ? list : "20").Split(',');
        string solver = values.Remove("solver", out string? named) ? named : "icd";
        int every = (int)Number("every", 1);
        double validation = Number("validation", 0), history = Number("history", 0), propagate = Number("propagate", 0);
        int startPasses = (int)Number("start-icd", 0);
        var options = new TrainOptions
        {
            Task = solver is "adagrad" or "sgd" or "adam" ? LearningTask.Binary : LearningTask.Ranking,
            Solver = solver,
            Factors = (int)Number("factors", 64),
            Epochs = (int)Number("epochs", 10),
            Threads = (int)Number("threads", 1),
            Seed = (ulong)Number("seed", 1),
            RegularizationFactors = Optional("reg"),
            RegularizationLinear = Optional("reg-linear"),
            InitStandardDeviation = Optional("init"),
            LearningRate = Optional("rate"),
            Schedule = values.Remove("schedule", out string? schedule)
                ? Enum.Parse<LearningRateSchedule>(schedule, ignoreCase: true)
                : null,
            Patience = 0,
        };
        // A ranking solver's "negatives" are its own option; for a solver of clicks they are rows that the data get.
        int negatives = options.Task == LearningTask.Binary ? (int)Number("negatives", 0) : 0;
        float? movieRegularization = Optional("reg-movie");
        options = options with { Extra = values.ToDictionary(v => v.Key, v => double.Parse(v.Value, CultureInfo.InvariantCulture)) };
        int[] lengths = [.. cutoffs.Select(c => int.Parse(c, CultureInfo.InvariantCulture))];
        if (args[0] == "cold") { return ColdItems.Run(args[1], options, movieRegularization, every, lengths); }
        IcdData data = args[0] switch
        {
            "lists" => IcdData.Lists(args[1]),
            "ml-1m" => IcdData.MovieLensPositives(args[1]),
            "frappe" => IcdData.Frappe(args[1]),
            _ => throw new FactoException($"data '{args[0]}' is unknown; choose lists, ml-1m, frappe or cold"),
        };
        if (validation > 0) { data = data.HoldOut(validation, 20); }
        if (history > 0) { data = data.WithHistory((float)history, propagate == 1); }
        if (negatives > 0) { data = data with { Train = SampledNegatives.Add(data.Train, negatives, SolverSettings.Of(options).Seed) }; }
        Report(data, options, every, lengths, startPasses > 0 ? Start(data, options, startPasses) : null);
        return 0;

        float? Optional(string name) => values.Remove(name, out string? text) ? float.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    // A whole-catalogue model, its vectors scaled to one length as the cosine wants them.
    private static FmModel Start(IcdData data, TrainOptions options, int passes)
    {
        TrainOptions squared = options with
        {
            Solver = "icd",
            Epochs = passes,
            RegularizationFactors = 0.003f,
            InitStandardDeviation = null,
            LearningRate = null,
            Schedule = null,
            RegularizationLinear = null,
            Extra = new Dictionary<string, double> { ["linear"] = 0, ["unobserved-weight"] = 0.03 },
        };
        using ISolver solver = Solvers.Find("icd").Create(new TrainingJob(data.Train, squared));
        for (int pass = 1; pass <= passes; pass++) { solver.RunEpoch(pass, CancellationToken.None); }
        var model = (FmModel)solver.Snapshot();
        for (int feature = 0; feature < model.Schema.FeatureCount; feature++)
        {
            Span<float> v = model.Factors.Row(feature);
            float length = MathF.Sqrt(VectorOps.SumOfSquares(v));
            if (length > 0) { foreach (ref float x in v) { x /= length; } }
        }

        return model;
    }

    /// <summary>
    /// Learns pass by pass; a line per pass with the metrics of every <paramref name="every"/>-th. Returns the model of the last pass.
    /// </summary>
    public static FmModel Report(
        IcdData data, TrainOptions given, int every, int[] cutoffs, FmModel? start = null, Func<ICatalogueScorer,
        ICatalogueScorer>? wrap = null)
    {
        SolverSettings options = SolverSettings.Of(given);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"{data.Train.Count} training pairs, {data.Test.Count} held out, {data.Train.Users!.RowCount} users, "
                    + $"{data.Train.Items!.RowCount} items, {data.Train.Schema.FeatureCount} features; {options.Solver} "
                        + $"k={options.Factors}, {options.Threads} threads, {LaneWidth.Best} lanes"));
        RankingTask task = RankingTask.PerUser(data.Mask, data.Test);
        using ISolver solver = Solvers.Find(options.Solver).Create(new TrainingJob(data.Train, given) { WarmStart = start });
        var seconds = new List<double>();
        double processor = 0;
        for (int pass = 1; pass <= options.Epochs; pass++)
        {
            long begin = TimeProvider.System.GetTimestamp();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            EpochResult result = solver.RunEpoch(pass, CancellationToken.None);
            seconds.Add(TimeProvider.System.GetElapsedTime(begin).TotalSeconds);
            processor += (Environment.CpuUsage.TotalTime - used).TotalSeconds;
            if (pass % every != 0 && pass != options.Epochs) { continue; }
            string metrics = Judge((FmModel)solver.Snapshot(), data, task, cutoffs, wrap);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"pass {pass,2}  {seconds[^1]:0.000} s  sum {seconds.Sum():0.000} s  processor {processor:0.000} s  loss "
                        + $"{result.Loss:0.00000}  {metrics}"));
        }

        double median = seconds.Order().ElementAt(seconds.Count / 2);
        int block = options.Solver == "icd" ? (int)options["block"] : 0;
        int standard = RowMatrix.PaddedLength(options.Factors) <= 128 ? options.Factors : 64;
        double floor = options.Solver == "icd"
            ? IcdFloor.Seconds(data.Train, options.Factors, block > 0 ? block : standard, options.Threads)
            : double.NaN;
        if (options.Solver is "softmax" or "bsl" or "slk") { floor = RankingFloor.Seconds(data.Train, options); }
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"median pass {median:0.000} s; floor for ids alone {floor:0.000} s, share {floor / median:0.00}; "
                    + $"{data.Train.Count / median / 1e6:0.0} M pairs/s"));
        return (FmModel)solver.Snapshot();
    }

    private static string Judge(
        FmModel model, IcdData data, RankingTask task, int[] cutoffs, Func<ICatalogueScorer, ICatalogueScorer>? wrap)
    {
        using var queries = new RowMatrix(task.QueryCount, model.VectorDimension);
        using var items = new RowMatrix(task.ItemCount, model.VectorDimension);
        for (int q = 0; q < task.QueryCount; q++) { model.ProjectUser(data.Test.Users![task.User(q)], default, queries.Row(q)); }
        for (int t = 0; t < task.ItemCount; t++) { model.ProjectItem(data.Test.Items![t], items.Row(t)); }
        ICatalogueScorer scorer = new InnerProductScorer(queries, items);
        RankingReport report = RankingEvaluator.Evaluate(wrap is null ? scorer : wrap(scorer), task, cutoffs, threads: 2);
        return Describe(report, cutoffs);
    }

    internal static string Describe(RankingReport report, int[] cutoffs) => string.Join("  ", cutoffs.SelectMany(n => (string[])
    [
        .. ((string[])["recall", "recall_min", "ndcg", "hr"])
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m}@{n} {report[$"{m}@{n}"]:0.0000}")),
    ]));

    private static Dictionary<string, string> Values(IEnumerable<string> args)
    {
        var values = new Dictionary<string, string>();
        foreach (string arg in args.SelectMany(
            a => a.StartsWith('@') ? File.ReadLines(a[1..]).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0) : [a]))
        {
            int equals = arg.IndexOf('=', StringComparison.Ordinal);
            values[arg[..equals].Trim()] = arg[(equals + 1)..].Trim();
        }

        return values;
    }
}
