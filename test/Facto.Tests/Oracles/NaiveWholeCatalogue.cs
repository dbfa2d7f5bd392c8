using Facto.Data;
using Facto.Models;

namespace Facto.Tests.Oracles;

/// <summary>
/// Whole-catalogue squared loss the slow way, in double precision: every score is equation 1 of Rendle 2010, the objective is the explicit
/// sum over all pairs of a context and an item, and a step of a feature is the Newton step from derivatives summed over all those pairs. No
/// Gram matrix anywhere.
/// </summary>
internal sealed class NaiveWholeCatalogue
{
    private readonly List<(int Feature, double X)[]> _contexts = [], _items = [];
    private readonly List<(int C, int T, double Target, double Weight)> _pairs = [];
    private readonly double[] _q;   // item weights
    private readonly double _alpha;

    public NaiveWholeCatalogue(Dataset data, FmModel start, double alpha, double popularity)
    {
        K = start.FactorCount;
        _alpha = alpha;
        Linear = [.. start.Linear.Span.ToArray().Select(w => (double)w)];
        Factors = [
            .. Enumerable.Range(0, start.Schema.FeatureCount).Select(l => start.Factors.Row(l).ToArray().Select(v => (double)v).ToArray())];
        for (int t = 0; t < data.Items!.RowCount; t++) { _items.Add(Copy(data.Items[t])); }
        var numbers = new Dictionary<(int, int), int>();
        for (int i = 0; i < data.Count; i++)
        {
            if (data.Interactions.Labels[i] <= 0) { continue; }
            (int, int) key = (data.Interactions.Users![i], data.ContextRow(i));
            if (numbers.TryAdd(key, _contexts.Count))
            {
                _contexts.Add([.. Copy(data.Users![key.Item1]), .. key.Item2 < 0 ? [] : Copy(data.Contexts![key.Item2])]);
            }

            _pairs.Add((numbers[key], data.Interactions.Items![i], data.Interactions.Labels[i], data.Interactions.Weights?[i] ?? 1));
        }

        _q = [.. _items.Select((_, t) => Popularity(t)).Select(p => p > 0 ? Math.Pow(p, popularity) : 0)];
        double mean = _q.Where(q => q > 0).Average();
        _q = [.. _q.Select(q => q / mean)];
    }

    public int K { get; }

    public double[] Linear { get; }

    public double[][] Factors { get; }

    /// <summary>Largest increase of the objective that any step made, relative to the objective.</summary>
    public double WorstRise { get; private set; } = double.NegativeInfinity;

    /// <summary>λ_l = λ(Σ_{c∋l} x²(Σ_S ω + α₀ q̄))^ν, the mirror image for items.</summary>
    public double Weight(int feature)
    {
        double sum = 0;
        for (int c = 0; c < _contexts.Count; c++)
        {
            double x = Value(_contexts[c], feature);
            sum += x * x * (_pairs.Where(p => p.C == c).Sum(p => p.Weight) + (_alpha * _q.Sum()));
        }

        for (int t = 0; t < _items.Count; t++)
        {
            double x = Value(_items[t], feature);
            sum += x * x * (_pairs.Where(p => p.T == t).Sum(p => p.Weight) + (_alpha * _contexts.Count * _q[t]));
        }

        return sum;
    }

    public double Loss()
    {
        double sum = _pairs.Sum(p => p.Weight * Square(Score(p.C, p.T) - p.Target));
        for (int c = 0; c < _contexts.Count; c++)
        {
            for (int t = 0; t < _items.Count; t++) { sum += _alpha * _q[t] * Square(Score(c, t)); }
        }

        return sum;
    }

    public double Objective(double[] ridge, double[] linearRidge)
    {
        double sum = Loss();
        for (int l = 0; l < Linear.Length; l++) { sum += (ridge[l] * Factors[l].Sum(Square)) + (linearRidge[l] * Square(Linear[l])); }
        return sum;
    }

    /// <summary>The exact minimum over w_l (when asked) and over the factors from … to−1 of v_l, jointly.</summary>
    public void Step(int l, int from, int to, bool linear, bool factors, double[] ridge, double[] linearRidge)
    {
        double before = Objective(ridge, linearRidge);
        int n = (factors ? to - from : 0) + (linear ? 1 : 0);
        double[,] h = new double[n, n];
        double[] g = new double[n];
        foreach ((int c, int t, double target, double weight) in _pairs) { Add(c, t, weight, Score(c, t) - target); }
        for (int c = 0; c < _contexts.Count; c++)
        {
            for (int t = 0; t < _items.Count; t++) { Add(c, t, _alpha * _q[t], Score(c, t)); }
        }

        for (int i = 0; i < n; i++)
        {
            bool isLinear = linear && i == n - 1;
            double lambda = isLinear ? linearRidge[l] : ridge[l];
            g[i] += lambda * (isLinear ? Linear[l] : Factors[l][from + i]);
            h[i, i] += lambda;
        }

        double[] step = LinearSystem.Solve(h, g);
        for (int i = 0; i < n; i++)
        {
            if (linear && i == n - 1) { Linear[l] -= step[i]; }
            else { Factors[l][from + i] -= step[i]; }
        }

        WorstRise = Math.Max(WorstRise, (Objective(ridge, linearRidge) - before) / before);

        void Add(int c, int t, double weight, double residual)
        {
            double[] j = new double[n];
            double x = Value(_contexts[c], l) + Value(_items[t], l);
            if (x == 0) { return; }
            for (int i = 0; i < n; i++)
            {
                j[i] = linear && i == n - 1
                    ? x
                    : x * (_contexts[c].Concat(_items[t])).Where(p => p.Feature != l).Sum(p => p.X * Factors[p.Feature][from + i]);
            }

            for (int a = 0; a < n; a++)
            {
                g[a] += weight * residual * j[a];
                for (int b = 0; b < n; b++) { h[a, b] += weight * j[a] * j[b]; }
            }
        }
    }

    private double Score(int c, int t)
    {
        (int Feature, double X)[] x = [.. _contexts[c], .. _items[t]];
        double sum = x.Sum(p => p.X * Linear[p.Feature]);
        for (int a = 0; a < x.Length; a++)
        {
            for (int b = a + 1; b < x.Length; b++)
            {
                double dot = 0;
                for (int f = 0; f < K; f++) { dot += Factors[x[a].Feature][f] * Factors[x[b].Feature][f]; }
                sum += dot * x[a].X * x[b].X;
            }
        }

        return sum;
    }

    private double Popularity(int item) => _pairs.Where(p => p.T == item).Sum(p => p.Weight);

    private static double Value((int Feature, double X)[] row, int feature) => row.FirstOrDefault(p => p.Feature == feature).X;

    private static (int Feature, double X)[] Copy(SparseRow row)
    {
        var copy = new (int, double)[row.Count];
        for (int i = 0; i < row.Count; i++) { copy[i] = (row.Features[i], row.Value(i)); }
        return copy;
    }

    private static double Square(double x) => x * x;
}
