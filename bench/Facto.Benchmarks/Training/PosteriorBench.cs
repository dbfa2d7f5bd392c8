using System.Diagnostics;
using System.Globalization;
using Facto.Data;
using Facto.Data.Text;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval.Exact;
using Facto.Training;

namespace Facto.Benchmarks.Training;

/// <summary>
/// What each form of a posterior costs and keeps: <c>posterior TRAIN TEST --groups FILE.meta --sides user,item [--k 16] [--epochs 200]
/// [--samples 64]</c> learns one two-sided posterior on libFM files and prints, for all draws, fewer draws, the best draw and the mean
/// parameters: length of the vectors, test RMSE, share of the top 100 that all draws give, median time of one request (user vector and
/// exact top 100 of all items, one thread) and the size of the model's file.
/// </summary>
internal static class PosteriorBench
{
    private const int Top = 100, Requests = 1000;

    public static int Run(string[] args)
    {
        var named = new Dictionary<string, string>();
        for (int i = 2; i + 1 < args.Length; i += 2) { named[args[i].TrimStart('-')] = args[i + 1]; }
        int Number(string name, int otherwise) => named.TryGetValue(name, out string? text)
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
        SparseTextData read =
            SparseTextReader.Read([[args[0]], [args[1]]], new SparseTextOptions { GroupsPath = named.GetValueOrDefault("groups") });
        FieldSide[] sides = [.. named["sides"].Split(',').Select(s => Enum.Parse<FieldSide>(s, ignoreCase: true))];
        IReadOnlyList<Dataset> parts = TwoSided.FromFlat(read.Parts, sides);
        var options =
            new TrainOptions
            {
                Solver = "gibbs",
                Factors = Number("k", 16),
                Epochs = Number("epochs", 200),
                Samples = Number("samples", 64)
            };
        TrainResult result = Trainer.Train(new TrainingJob(parts[0], options) { Test = parts[1] });
        var all = (FmPosterior)result.Model;
        Console.WriteLine("form\tdraws\tdimension\ttest RMSE\ttop-100 kept\tmedian us/request\tmodel file MB");
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"mean over all {options.Epochs - 10} sweeps (not servable)\t\t\t{Rmse(result.TestPredictions!, parts[1]):0.00000}\t\t\t"));
        int[][] expected = Lists(all, parts[0], out _);
        foreach (int draws in (int[])[all.DrawCount, 32, 16, 8, 4, 2]) { Print("draws, evenly thinned", all.Thinned(draws)); }
        Print("best draw by training error", all.Only(PosteriorScorer.BestDraw(all, parts[0])));
        Print("last draw", all.Only(all.DrawCount - 1));
        Print("mean parameters", all.OnlyMean());
        return 0;

        void Print(string form, FmPosterior model)
        {
            double rmse = Rmse(PosteriorScorer.PredictMeans(model, parts[1], 1), parts[1]);
            int[][] found = Lists(model, parts[0], out double median);
            double kept = expected.Zip(found).Average(p => p.First.Intersect(p.Second).Count() / (double)Top);
            string path = Path.GetTempFileName();
            ModelFile.Save(model, path);
            double size = new FileInfo(path).Length / 1e6;
            File.Delete(path);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{form}\t{model.DrawCount}\t{model.VectorDimension}\t{rmse:0.00000}\t{kept:0.000}\t{median:0.0}\t{size:0.0}"));
        }
    }

    private static double Rmse(float[] predictions, Dataset data) =>
        PredictionMetrics.RootMeanSquaredError(predictions, data.Interactions.Labels.Span).Value;

    private static int[][] Lists(FmPosterior model, Dataset data, out double medianMicroseconds)
    {
        var index = new ExactIndex(VectorExporter.Items(model, data, VectorRecipe.Match, threads: 2));
        float[] user = new float[model.VectorDimension];
        var best = new Scored[Top];
        int[][] lists = new int[Requests][];
        double[] times = new double[Requests];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int r = 0; r < Requests; r++)
            {
                long start = Stopwatch.GetTimestamp();
                VectorExporter.ProjectUser(model, VectorRecipe.Match, data.Users![r % data.Users.RowCount], default, user);
                int found = index.Search(user, default, best);
                times[r] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                lists[r] = [.. best.Take(found).Select(b => b.Index)];
            }
        }

        Array.Sort(times);
        medianMicroseconds = times[Requests / 2];
        return lists;
    }
}
