using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Bayesian;

namespace Facto.Tests.Training.Bayesian;

/// <summary>
/// Geweke (2004): alternating a sweep of the sampler with new labels drawn from the model must leave the prior as it is, for every
/// parameter. An error in any conditional (a wrong sign, a forgotten term, a stale sum) shows as a shifted marginal.
/// </summary>
public class GewekeTests
{
    private const int Sweeps = 16_000, Batches = 40;

    // Tight enough that single precision holds the largest values, loose enough that every block matters.
    private static readonly HyperPrior Hyper = new(A: 8, B: 6, Gamma: 2, Bias: 2);

    [Fact]
    public void Regression_with_side_features_contexts_and_weights_leaves_the_prior_alone() =>
        Run(BayesData.TwoSided(2, 3, 2, 8, contexts: true, weights: true), LearningTask.Regression);

    [Fact]
    public void Regression_on_ids_leaves_the_prior_alone() =>
        Run(BayesData.IdsOnly(BayesData.TwoSided(3, 3, 3, 9)), LearningTask.Regression);

    [Fact]
    public void Probit_leaves_the_prior_alone() =>
        Run(BayesData.TwoSided(4, 3, 2, 8, label: score => score > 0 ? 1 : 0), LearningTask.Binary);

    [Fact]
    public void Ordered_probit_with_its_cut_points_leaves_the_prior_alone() =>
        Run(BayesData.TwoSided(6, 3, 3, 9, label: score => score < -0.5 ? 1 : score < 0.5 ? 2 : 4), LearningTask.Ordinal);

    private static void Run(Dataset data, LearningTask task)
    {
        const int k = 2;
        using var solver = new GibbsSolver(
            new TrainingJob(data, new TrainOptions { Solver = "gibbs", Task = task, Factors = k, Epochs = Sweeps, BurnIn = Sweeps - 1 }),
            Hyper);
        float biasMean = solver.System.Bias;
        var functions = new List<double[]>();
        var random = new SeededRandom(99);
        var scores = new float[data.Count];
        var scorer = new DatasetScorer(data, k, new WorkerTeam(1), []);
        for (int sweep = 1; sweep <= Sweeps; sweep++)
        {
            solver.RunEpoch(sweep, CancellationToken.None);
            scorer.Score(solver.System.Bias, solver.System.Linear, solver.System.Factors, scores);
            Relabel(solver, data, scores, ref random);
            functions.Add(Functions(State(solver, biasMean, task)));
        }

        double[][] prior = [.. Enumerable.Range(0, 16_000).Select(_ => Functions(FromPrior(solver, task, ref random)))];
        for (int j = 0; j < prior[0].Length; j++)
        {
            double expected = prior.Average(p => p[j]),
                priorVariance = prior.Average(p => (p[j] - expected) * (p[j] - expected)) / prior.Length;
            double found = functions.Average(f => f[j]);
            int size = Sweeps / Batches;
            double[] means = [.. Enumerable.Range(0, Batches).Select(b => functions.Skip(b * size).Take(size).Average(f => f[j]))];
            double variance = means.Average(m => (m - found) * (m - found)) / (Batches - 1);
            double z = (found - expected) / Math.Sqrt(variance + priorVariance + 1e-12);
            Assert.True(Math.Abs(z) < 4.5, $"function {j}: {found:0.0000} in the chain, {expected:0.0000} in the prior, z = {z:0.0}");
        }
    }

    private static void Relabel(GibbsSolver solver, Dataset data, float[] scores, ref SeededRandom random)
    {
        if (solver.Latents is { } latents)
        {
            for (int t = 0; t < scores.Length; t++)
            {
                double z = scores[t] + random.NextNormal();
                latents.Classes[t] = latents.CutPoints.Count(cut => z > cut);
            }

            return;
        }

        for (int t = 0; t < scores.Length; t++)
        {
            double omega = data.Interactions.Weights?[t] ?? 1;
            scores[t] += (float)(random.NextNormal() / Math.Sqrt(solver.System.Noise * omega));
        }

        foreach (BlockState state in solver.System.States) { state.SetTargets(scores, 0, scores.Length); }

        // The sampler knows Σωe² and Σωe from its own sweep; the next sweep sums the new labels up before it uses them.
    }

    private static Parameters State(GibbsSolver solver, float biasMean, LearningTask task)
    {
        BlockSystem s = solver.System;
        int[] fields = [.. s.Blocks.SelectMany(b => b.Fields).Select(f => f.Group)];
        int[] features = [.. s.Blocks.SelectMany(b => b.Fields).Select(f => f.Offset)];
        return new Parameters(
            [.. fields.SelectMany(g => new double[] { s.Priors.MeanLinear[g], s.Priors.Mean.Row(g)[0], s.Priors.Mean.Row(g)[1] })],
            [.. fields.SelectMany(
                g => new double[] { s.Priors.PrecisionLinear[g], s.Priors.Precision.Row(g)[0], s.Priors.Precision.Row(g)[1] })],
            [.. features.SelectMany(l => new double[] { s.Linear[l], s.Factors.Row(l)[0], s.Factors.Row(l)[1] })],
            task == LearningTask.Ordinal ? 0 : s.Bias - biasMean, s.Noise, [.. solver.Latents?.CutPoints ?? []]);
    }

    private static Parameters FromPrior(GibbsSolver solver, LearningTask task, ref SeededRandom random)
    {
        int n = 3 * solver.System.Blocks.Sum(b => b.Fields.Count);
        double[] means = new double[n], precisions = new double[n], values = new double[n];
        for (int i = 0; i < n; i++)
        {
            precisions[i] = random.NextGamma(Hyper.A / 2) / (Hyper.B / 2);
            means[i] = random.NextNormal() / Math.Sqrt(Hyper.Gamma * precisions[i]);
            values[i] = means[i] + (random.NextNormal() / Math.Sqrt(precisions[i]));
        }

        double bias = task == LearningTask.Ordinal ? 0 : random.NextNormal() / Math.Sqrt(Hyper.Bias);
        double noise = task == LearningTask.Regression ? random.NextGamma(Hyper.A / 2) / (Hyper.B / 2) : 1;
        double[] cuts = [.. solver.Latents?.CutPoints ?? []];
        for (int j = 0; task == LearningTask.Ordinal && j < cuts.Length; j++)
        {
            cuts[j] = j == 0 ? 3 * random.NextNormal() : cuts[j - 1] + Math.Exp(random.NextNormal());
        }
        return new Parameters(means, precisions, values, bias, noise, cuts);
    }

    // Bounded, so that every mean and its error exist.
    private static double[] Functions(Parameters p) =>
    [
        Math.Tanh(p.Bias), Math.Tanh(p.Bias * p.Bias), p.Noise / (1 + p.Noise),
        .. p.Means.Select(m => Math.Tanh(m)), .. p.Means.Select(m => Math.Tanh(m * m)),
        .. p.Precisions.Select(l => l / (1 + l)),
        .. p.Values.Select(v => Math.Tanh(v)), .. p.Values.Select(v => Math.Tanh(v * v)),
        .. p.Cuts.Select(c => Math.Tanh(c / 3)), .. p.Cuts.Select(c => Math.Tanh(c * c / 9)),
    ];

    private sealed record Parameters(double[] Means, double[] Precisions, double[] Values, double Bias, double Noise, double[] Cuts);
}
