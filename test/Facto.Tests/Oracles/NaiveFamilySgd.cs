using Facto.Models;
using Facto.Models.Family;

namespace Facto.Tests.Oracles;

/// <summary>
/// Stochastic gradient descent on a family model as in the papers, in double precision: the gradient of weight·(ℓ + ½Σλθ²) over the
/// parameters that an example uses comes from central differences of the sum over pairs and triples, and each optimiser is its paper's
/// formula. For an FFM whose examples have one feature per field and AdaGrad this is algorithm 1 of Juan et al. 2016.
/// </summary>
internal sealed class NaiveFamilySgd
{
    private const double H = 1e-5;
    private readonly FamilyModel _start;
    private readonly double[] _theta, _first, _second;   // w₀, w, rows, couplings
    private readonly int _n, _columns, _k, _width, _stride, _fields;

    public NaiveFamilySgd(FamilyModel start, double initialAccumulator)
    {
        _start = start;
        (_n, _columns, _k, _width) = (start.Schema.FeatureCount, start.Numbers.Columns, start.Shape.FactorCount, start.Shape.CouplingWidth);
        (_stride, _fields) = (Facto.Numerics.RowMatrix.PaddedLength(_k), start.Schema.Fields.Count);
        _theta = [start.Numbers.Bias, .. Enumerable.Range(0, _n).Select(i => (double)start.Numbers.Weight(i)), .. Enumerable.Range(0,
            _n).SelectMany(i => start.Numbers.Row(i).ToArray()), .. start.Numbers.Coupling.Span.ToArray()];
        (_first, _second) = (new double[_theta.Length], new double[_theta.Length]);
        Array.Fill(_first, initialAccumulator);
    }

    public required bool Logistic { get; init; }

    public required string Update { get; init; }

    public required Func<int, double> LambdaLinear { get; init; }

    public required Func<int, double> LambdaFactors { get; init; }

    public double LambdaBias { get; init; }

    /// <summary>w₀, w, rows, couplings, in the order of <see cref="Numbers"/>.</summary>
    public IReadOnlyList<double> Theta => _theta;

    public static float[] Numbers(FamilyModel model) =>
        [model.Numbers.Bias, .. Enumerable.Range(0, model.Schema.FeatureCount).Select(i => model.Numbers.Weight(i)), .. Enumerable.Range(0,
            model.Schema.FeatureCount).SelectMany(i => model.Numbers.Row(i).ToArray()), .. model.Numbers.Coupling.Span];

    public double Score(IReadOnlyList<(int Feature, float Value)> x)
    {
        double score = _theta[0];
        for (int a = 0; a < x.Count; a++)
        {
            score += _theta[1 + x[a].Feature] * x[a].Value;
            for (int b = a + 1; b < x.Count; b++)
            {
                double xx = (double)x[a].Value * x[b].Value;
                score += xx * Pair(x[a].Feature, x[b].Feature);
                for (int c = b + 1; _start.Shape.Family == ModelFamily.Fm3 && c < x.Count; c++)
                {
                    for (int f = _start.Shape.SharesFactors ? 0 : _k; f < _columns; f++)
                    {
                        score += xx * x[c].Value * _theta[V(x[a].Feature, f)] * _theta[V(x[b].Feature, f)] * _theta[V(x[c].Feature, f)];
                    }
                }
            }
        }

        return score;
    }

    public void Step(IReadOnlyList<(int Feature, float Value)> x, double label, double weight, double eta)
    {
        var active = new List<(int Parameter, double Lambda)> { (0, LambdaBias) };
        active.AddRange(x.Select(a => (1 + a.Feature, LambdaLinear(a.Feature))));
        int[] count = new int[_fields];
        foreach ((int feature, _) in x) { count[Field(feature)]++; }
        foreach ((int feature, _) in x)
        {
            for (int c = 0; c < _columns; c++)
            {
                int met = _start.Shape.Family == ModelFamily.Ffm ? c / _k : -1;
                if (met < 0 || count[met] > (met == Field(feature) ? 1 : 0)) { active.Add((V(feature, c), LambdaFactors(feature))); }
            }
        }

        for (int f = 0; _width > 0 && f < _fields; f++)
        {
            for (int g = f; g < _fields; g++)
            {
                bool meets = f == g ? count[f] > 1 : count[f] > 0 && count[g] > 0;
                for (int p = 0; meets && p < _width; p++)
                {
                    if (_width == 1 || p % _stride < _k) { active.Add((M(f, g) + p, 0)); }
                }
            }
        }

        double[] gradients = [.. active.Select(p => weight * (Slope(p.Parameter, x, label) + (p.Lambda * _theta[p.Parameter])))];
        for (int j = 0; j < gradients.Length; j++) { Move(active[j].Parameter, gradients[j], eta); }
    }

    private double Pair(int i, int j)
    {
        int f = Field(i), g = Field(j);
        double sum = 0;
        for (int r = 0; r < _k; r++)
        {
            if (_start.Shape.Family is ModelFamily.Ffm) { sum += _theta[V(i, (g * _k) + r)] * _theta[V(j, (f * _k) + r)]; }
            else if (_start.Shape.Family is ModelFamily.Fm3) { sum += _theta[V(i, r)] * _theta[V(j, r)]; }
            else if (_start.Shape.Family is ModelFamily.Fwfm)
            {
                sum += _theta[M(Math.Min(f, g), Math.Max(f, g))] * _theta[V(i, r)] * _theta[V(j, r)];
            }
            else if (_start.Shape.Family is ModelFamily.Fvfm)
            {
                sum += _theta[M(Math.Min(f, g), Math.Max(f, g)) + r] * _theta[V(i, r)] * _theta[V(j, r)];
            }
            else
            {
                for (int c = 0; c < _k; c++) { sum += Matrix(f, g, r, c) * _theta[V(i, r)] * _theta[V(j, c)]; }
            }
        }

        return sum;
    }

    private double Matrix(int f, int g, int r, int c) =>
        f > g ? Matrix(g, f, c, r) : f < g ? _theta[M(f, g) + (r * _stride) + c] : 0.5 * (_theta[M(f, f) + (r * _stride) + c] + _theta[M(f,
            f) + (c * _stride) + r]);

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

    private int Field(int feature) => _start.Schema.FieldIndexOf(feature);

    private int V(int i, int c) => 1 + _n + (i * _columns) + c;

    private int M(int f, int g) => 1 + _n + (_n * _columns) + (FamilyShape.Pair(f, g, _fields) * _width);
}
