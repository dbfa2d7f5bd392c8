using Facto.Models;

namespace Facto.Tests.Oracles;

/// <summary>
/// Stochastic gradient descent as in the textbooks, in double precision: the gradient of weight·(ℓ + ½Σλθ²) over the active parameters
/// comes from central differences of the double sum over pairs, and each optimiser is its paper's formula.
/// </summary>
internal sealed class NaiveSgd
{
    private const double H = 1e-5;
    private readonly double[] _theta;   // w₀, w, V row by row
    private readonly double[] _first, _second;
    private readonly int _n, _k;

    public NaiveSgd(FmModel start, double initialAccumulator)
    {
        (_n, _k) = (start.Schema.FeatureCount, start.FactorCount);
        _theta = new double[1 + _n + (_n * _k)];
        _first = new double[_theta.Length];
        _second = new double[_theta.Length];
        Array.Fill(_first, initialAccumulator);
        if (initialAccumulator == 0) { Array.Clear(_first); }
        _theta[0] = start.Bias;
        for (int i = 0; i < _n; i++)
        {
            _theta[1 + i] = start.Linear[i];
            for (int f = 0; f < _k; f++) { _theta[V(i, f)] = start.Factors.Row(i)[f]; }
        }
    }

    public required bool Logistic { get; init; }

    /// <summary>sgd, adagrad or adam.</summary>
    public required string Update { get; init; }

    public required Func<int, double> LambdaLinear { get; init; }

    public required Func<int, double> LambdaFactors { get; init; }

    public double LambdaBias { get; init; }

    public double Bias => _theta[0];

    public double Linear(int i) => _theta[1 + i];

    public double Factor(int i, int f) => _theta[V(i, f)];

    public double Score(IReadOnlyList<(int Feature, float Value)> x)
    {
        double score = _theta[0];
        for (int a = 0; a < x.Count; a++)
        {
            score += _theta[1 + x[a].Feature] * x[a].Value;
            for (int b = a + 1; b < x.Count; b++)
            {
                for (int f = 0; f < _k; f++) { score += _theta[V(x[a].Feature, f)] * _theta[V(x[b].Feature, f)] * x[a].Value * x[b].Value; }
            }
        }

        return score;
    }

    public void Step(IReadOnlyList<(int Feature, float Value)> x, double label, double weight, double eta)
    {
        var active = new List<(int Parameter, double Lambda)> { (0, LambdaBias) };
        active.AddRange(x.Select(a => (1 + a.Feature, LambdaLinear(a.Feature))));
        active.AddRange(x.SelectMany(a => Enumerable.Range(0, _k).Select(f => (V(a.Feature, f), LambdaFactors(a.Feature)))));
        double[] gradients = [.. active.Select(p => weight * (Slope(p.Parameter, x, label) + (p.Lambda * _theta[p.Parameter])))];
        for (int j = 0; j < gradients.Length; j++) { Move(active[j].Parameter, gradients[j], eta); }
    }

    private double Slope(int parameter, IReadOnlyList<(int Feature, float Value)> x, double label)
    {
        double at = _theta[parameter];
        _theta[parameter] = at + H;
        double up = Loss(Score(x), label);
        _theta[parameter] = at - H;
        double down = Loss(Score(x), label);
        _theta[parameter] = at;
        return (up - down) / (2 * H);
    }

    private double Loss(double score, double label) =>
        Logistic ? Math.Log(1 + Math.Exp(score)) - (label * score) : 0.5 * (score - label) * (score - label);

    private void Move(int p, double g, double eta)
    {
        switch (Update)
        {
            case "sgd":
                _theta[p] -= eta * g;
                break;
            case "adagrad":
                _first[p] += g * g;
                _theta[p] -= eta * g / Math.Sqrt(_first[p]);
                break;
            default:
                _first[p] = (0.9 * _first[p]) + (0.1 * g);
                _second[p] = (0.999 * _second[p]) + (0.001 * g * g);
                _theta[p] -= eta * _first[p] / (Math.Sqrt(_second[p]) + 1e-8);
                break;
        }
    }

    private int V(int i, int f) => 1 + _n + (i * _k) + f;
}
