using Facto.Models;
using Facto.Tests.Training.Bayesian;

namespace Facto.Tests.Oracles;

/// <summary>
/// The conditional of one feature's [v; w] the slow way: ŷ is linear in it, so its derivative in every example is a difference of two
/// scores; normal equations in double precision.
/// </summary>
internal static class DenseFmConditional
{
    /// <summary>Precision Q = Λ + αΣωhhᵀ and mean u + Q⁻¹(αΣωhe + Λ(μ − u)), order v₀ … v_{k−1}, w.</summary>
    public static (double[,] Precision, double[] Mean) Of(
        Dataset data, FmModel model, int feature, double alpha, double[] priorPrecision, double[] priorMean)
    {
        int n = model.FactorCount + 1;
        var precision = new double[n, n];
        var right = new double[n];
        double[] u = [.. model.Factors.Row(feature).ToArray().Select(v => (double)v), model.Linear[feature]];
        for (int t = 0; t < data.Count; t++)
        {
            List<(int Feature, float Value)> x = BayesData.Active(data, t);
            if (!x.Any(a => a.Feature == feature)) { continue; }
            double omega = data.Interactions.Weights?[t] ?? 1, e = data.Interactions.Labels[t] - NaiveFm.Score(model, x);
            double[] h = Derivative(model, feature, x);
            for (int i = 0; i < n; i++)
            {
                right[i] += alpha * omega * h[i] * e;
                for (int j = 0; j < n; j++) { precision[i, j] += alpha * omega * h[i] * h[j]; }
            }
        }

        for (int i = 0; i < n; i++)
        {
            precision[i, i] += priorPrecision[i];
            right[i] += priorPrecision[i] * (priorMean[i] - u[i]);
        }

        double[] step = Solve(precision, right);
        return (precision, [.. u.Zip(step, (a, b) => a + b)]);
    }

    /// <summary>Gaussian elimination with pivoting.</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        double[,] a = (double[,])matrix.Clone();
        double[] b = [.. right];
        for (int p = 0; p < n; p++)
        {
            int best = Enumerable.Range(p, n - p).MaxBy(i => Math.Abs(a[i, p]));
            for (int j = 0; j < n; j++) { (a[p, j], a[best, j]) = (a[best, j], a[p, j]); }
            (b[p], b[best]) = (b[best], b[p]);
            for (int i = p + 1; i < n; i++)
            {
                double factor = a[i, p] / a[p, p];
                for (int j = p; j < n; j++) { a[i, j] -= factor * a[p, j]; }
                b[i] -= factor * b[p];
            }
        }

        for (int p = n - 1; p >= 0; p--)
        {
            for (int j = p + 1; j < n; j++) { b[p] -= a[p, j] * b[j]; }
            b[p] /= a[p, p];
        }

        return b;
    }

    // ∂ŷ/∂v_f = x(Σ_{j≠feature} v_jf x_j), ∂ŷ/∂w = x.
    private static double[] Derivative(FmModel model, int feature, List<(int Feature, float Value)> x)
    {
        double value = x.First(a => a.Feature == feature).Value;
        var h = new double[model.FactorCount + 1];
        for (int f = 0; f < model.FactorCount; f++)
        {
            h[f] = value * x.Where(a => a.Feature != feature).Sum(a => (double)a.Value * model.Factors.Row(a.Feature)[f]);
        }
        h[^1] = value;
        return h;
    }
}
