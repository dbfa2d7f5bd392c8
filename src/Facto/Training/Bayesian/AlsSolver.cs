using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Bayesian;

/// <summary>
/// Alternating least squares (Rendle et al. 2011) for Σ ω(y − ŷ)² + λ₀w₀² + Σ λ_w w² + Σ λ_v ‖v‖², by whole vectors: each step puts one
/// feature's [v; w] at its exact minimum, so the objective never rises. A field may have its own λ. That of a feature's factors is
/// λ_v (n/n̄)^ν, n its number of examples and n̄ the field's mean: ν = 0 is libFM's objective, ν = 1 weighted-λ regularisation (Zhou et al.
/// 2008).
/// </summary>
internal sealed class AlsSolver : ISolver
{
    private readonly TrainingJob _job;
    private readonly BlockSystem _system;
    private readonly float _biasPenalty;
    private DatasetScorer? _scorer;
    private Dataset? _scored;

    public AlsSolver(TrainingJob job)
    {
        SolverSettings options = job.Options;
        _job = job;
        _biasPenalty = (float)options["reg-bias"];
        _system = new BlockSystem(job.Train, options.Factors, options.Threads, options.Seed);
        for (int f = 0; f < job.Train.Schema.Fields.Count; f++)
        {
            FieldSpec spec = job.Train.Schema.Fields[f].Spec;
            float linear = spec.RegularizationLinear ?? (float)options["reg-linear"], factors = spec.RegularizationFactors
                ?? (float)options["reg-factors"];
            _system.Priors.Fix(f, Positive(linear), Positive(factors));
        }

        double exponent = options["reg-exponent"];
        if (exponent > 0) { _system.Priors.Strength = Strengths(_system.Blocks, job.Train.Schema.FeatureCount, exponent); }
        if (job.WarmStart is { } warm) { _system.StartFrom(warm); }
        else
        {
            _system.Start((float)options["init-stdev"]);
            // Otherwise the weights of the first block take the mean up and give it back slowly.
            _system.Bias = (float)job.Train.Interactions.MeanLabel();
        }
    }

    public string DivergenceAdvice => "raise reg-factors, or scale numeric fields down";

    public EpochResult RunEpoch(int pass, CancellationToken cancellation)
    {
        using IDisposable gathered = _system.Workers.Team.Gather();
        _system.Sweep(pass, draw: false, cancellation);
        double n = _system.TotalWeight, step = (_system.Error.Sum - (_biasPenalty * _system.Bias)) / (n + _biasPenalty);
        _system.MoveBias(step);
        return new EpochResult(_system.Error.Squares / n, _job.Train.Count);
    }

    /// <summary>The penalised sum that the steps minimise, with the parameters as they are.</summary>
    public double Objective()
    {
        double sum = _system.Error.Squares + ((double)_biasPenalty * _system.Bias * _system.Bias);
        FeatureSchema schema = _job.Train.Schema;
        for (int g = 0; g < schema.Fields.Count; g++)
        {
            for (int l = schema.Fields[g].Offset; l < schema.Fields[g].Offset + schema.Fields[g].Count; l++)
            {
                sum += (double)_system.Priors.PrecisionLinear[g] * _system.Linear[l] * _system.Linear[l];
                if (_system.K > 0)
                {
                    sum += (double)_system.Priors.StrengthOf(l) * _system.Priors.Precision.Row(g)[0] * VectorOps.SumOfSquares(
                        _system.Factors.Row(l));
                }
            }
        }

        return sum;
    }

    public void Score(Dataset data, Span<float> scores)
    {
        if (!ReferenceEquals(_scored, data))
        {
            (_scored, _scorer) = (data, new DatasetScorer(data, _system.K, _system.Workers.Team, _system.States));
        }
        float[] all = new float[scores.Length];
        _scorer!.Score(_system.Bias, _system.Linear, _system.Factors, all);
        all.CopyTo(scores);
    }

    public ISeparableModel Snapshot()
    {
        FmModel model = _system.ToModel(LearningTask.Regression);
        (model.MinLabel, model.MaxLabel) = _job.LabelRange();
        return model;
    }

    public void SaveState(ArtefactWriter writer) => _system.SaveParameters(writer);

    public void LoadState(ArtefactReader reader) => _system.LoadParameters(reader);

    public void Dispose()
    {
    }

    // (n/n̄)^ν; a feature without examples keeps the whole penalty, which alone decides about it.
    private static NativeBlock<float> Strengths(Block[] blocks, int features, double exponent)
    {
        var strengths = new NativeBlock<float>(features);
        strengths.Span.Fill(1);
        foreach (Block block in blocks)
        {
            foreach (BlockField field in block.Fields)
            {
                double[] uses =
                    [.. Enumerable.Range(0, field.Count).Select(j => Enumerable.Range(field.Start[j], field.Start[j + 1] - field.Start[j])
                    .Sum(p => (double)(block.Start[field.RowsOf[p] + 1] - block.Start[field.RowsOf[p]])))];
                double mean = uses.Where(n => n > 0).DefaultIfEmpty(1).Average();
                for (int j = 0; j < uses.Length; j++)
                {
                    if (uses[j] > 0) { strengths[field.Offset + j] = (float)Math.Pow(uses[j] / mean, exponent); }
                }
            }
        }

        return strengths;
    }

    // λ = 0 would leave features without examples undetermined.
    private static float Positive(float lambda) => Math.Max(lambda, 1e-6f);
}
