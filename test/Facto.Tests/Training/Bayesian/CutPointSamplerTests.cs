using Facto.Numerics;
using Facto.Training.Bayesian;

namespace Facto.Tests.Training.Bayesian;

public class CutPointSamplerTests
{
    private static readonly double[] Planted = [-1.2, -0.3, 0.8, 1.9];

    [Fact]
    public void It_finds_planted_cut_points_and_accepts_most_proposals()
    {
        (int[] classes, float[] scores) = Data(1500);
        var random = new SeededRandom(4);
        var sampler = new CutPointSampler(classes, 5);
        double[] cuts = new double[4], mean = new double[4];
        sampler.Start(cuts);
        for (int i = 0; i < 200; i++)
        {
            sampler.Draw(scores, cuts, ref random);
            for (int j = 0; j < 4; j++) { mean[j] += cuts[j] / 200; }
        }

        Assert.InRange(sampler.Accepted, 100, 200);
        for (int j = 0; j < 4; j++) { Assert.Equal(Planted[j], mean[j], 0.35); }
    }

    [Fact]
    public void The_binned_likelihoods_derivatives_are_its_differences()
    {
        (int[] classes, float[] scores) = Data(300);
        var binned = new BinnedLikelihood(classes, 5, 64);
        binned.Bin(scores);
        const double h = 1e-5;
        (_, double[] gradient, double[,] hessian) = At(Planted);
        for (int j = 0; j < 4; j++)
        {
            double[] up = [.. Planted], down = [.. Planted];
            (up[j], down[j]) = (up[j] + h, down[j] - h);
            (double high, double[] gradientUp, _) = At(up);
            (double low, double[] gradientDown, _) = At(down);
            Assert.Equal((high - low) / (2 * h), gradient[j], 1e-4);
            for (int i = 0; i < 4; i++) { Assert.Equal((gradientUp[i] - gradientDown[i]) / (2 * h), hessian[i, j], 1e-3); }
        }

        (double Value, double[] Gradient, double[,] Hessian) At(double[] cuts)
        {
            var g = new double[4];
            var hess = new double[4, 4];
            return (binned.Evaluate(cuts, g, hess), g, hess);
        }
    }

    private static (int[] Classes, float[] Scores) Data(int n)
    {
        var random = new SeededRandom(3);
        var classes = new int[n];
        var scores = new float[n];
        for (int t = 0; t < n; t++)
        {
            scores[t] = (float)(2 * random.NextNormal());
            double z = scores[t] + random.NextNormal();
            classes[t] = Planted.Count(cut => z > cut);
        }

        return (classes, scores);
    }
}
