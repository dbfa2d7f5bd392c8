using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// SGDA (Rendle 2012, "Learning recommender systems with adaptive regularization"): after training steps, steps on λ that lower the loss of
/// validation examples. A regularised step moved θ by −ηλθ, so for a validation example (x, y), e = ∂ℓ/∂ŷ, and a field g
/// ∂ℓ/∂λ_w,g = −ηe Σ_{j∈g} w_j x_j, ∂ℓ/∂λ_V,g = −ηe Σ_{j∈g} (x_j⟨q, v_j⟩ − x_j²‖v_j‖²), and λ ← max(0, λ − η·∂ℓ/∂λ).
/// The paper alternates single steps; here a chunk of one follows a chunk of the other, and θ after the step stands for θ before it: both
/// change the gradient in the order of η only.
/// </summary>
internal sealed unsafe class AdaptiveRegularization<TLoss>
    where TLoss : struct, ILoss
{
    private readonly ExampleReader _reader;
    private readonly FmParameters _parameters;
    private readonly NativeBlock<ushort> _fieldOf;
    private readonly NativeBlock<int> _order, _features;
    private readonly NativeBlock<float> _values, _q, _lambdaLinear, _lambdaFactors, _slopeLinear, _slopeFactors;
    private readonly Lock _turn = new();

    public AdaptiveRegularization(TrainingJob job, FmParameters parameters, SgdSettings settings, NativeBlock<ushort> fieldOf)
    {
        Dataset validation = job.Validation is { Count: > 0 } given ? given
            : throw new FactoException(
                "solver 'sgda' learns the regularisation on validation examples and there are none; give --validation or hold out a "
                    + "share of the training examples");
        if (validation.Schema.FeatureCount != job.Train.Schema.FeatureCount)
        {
            throw new FactoException("validation and training examples have different features; import them together");
        }
        (_reader, _parameters, _fieldOf) = (new ExampleReader(validation), parameters, fieldOf);
        _order = new NativeBlock<int>([.. Enumerable.Range(0, validation.Count)]);
        new SeededRandom(job.Options.Seed, RandomStreams.ValidationOrder).Shuffle(_order.Span);
        int most = Math.Max(1, _reader.MaxWidth);
        _features = new NativeBlock<int>(most);
        _values = new NativeBlock<float>(most);
        _q = new NativeBlock<float>(parameters.Width);
        _lambdaLinear = new NativeBlock<float>(settings.LambdaLinear);
        _lambdaFactors = new NativeBlock<float>(settings.LambdaFactors);
        _slopeLinear = new NativeBlock<float>(settings.LambdaLinear.Length);
        _slopeFactors = new NativeBlock<float>(settings.LambdaFactors.Length);
    }

    /// <summary>λ_w by field.</summary>
    public ReadOnlySpan<float> LambdaLinear => _lambdaLinear.Span;

    /// <summary>λ_V by field.</summary>
    public ReadOnlySpan<float> LambdaFactors => _lambdaFactors.Span;

    /// <summary>One λ-step per example of the next chunk of validation examples, in a fixed order that starts anew at its end.</summary>
    /// <param name="chunk">Chunks of training examples seen before in the whole run.</param>
    /// <param name="eta">η of parameters and λ alike, as in the paper.</param>
    public void Learn(long chunk, float eta)
    {
        lock (_turn)
        {
            for (int i = 0; i < TrainingExamples.ChunkSize; i++)
            {
                Step(_order.Pointer[((chunk * TrainingExamples.ChunkSize) + i) % _order.Length], eta);
            }
        }
    }

    public void Write(ArtefactWriter writer)
    {
        writer.Write("sgda.linear", _lambdaLinear);
        writer.Write("sgda.factors", _lambdaFactors);
    }

    public void Read(ArtefactReader reader)
    {
        reader.Block<float>("sgda.linear", _lambdaLinear.Length).CopyTo(_lambdaLinear);
        reader.Block<float>("sgda.factors", _lambdaFactors.Length).CopyTo(_lambdaFactors);
    }

    /// <summary>∂ŷ/∂λ up to −η by field, into the slopes; returns ŷ.</summary>
    internal float Slopes(int example, out ReadOnlySpan<float> linear, out ReadOnlySpan<float> factors)
    {
        int count = _reader.Gather(example, _features.Pointer, _values.Pointer);
        Span<float> q = _q.Span;
        q.Clear();
        _slopeLinear.Span.Clear();
        _slopeFactors.Span.Clear();
        for (int j = 0; j < count; j++) { VectorOps.AddScaled(q, _values.Pointer[j], Row(j)); }
        double score = *_parameters.Bias, pairs = 0;
        for (int j = 0; j < count; j++)
        {
            float x = _values.Pointer[j], wx = x * _parameters.Linear[(nint)_features.Pointer[j] * _parameters.LinearStride];
            float cross = (x * VectorOps.Dot(q, Row(j))) - (x * x * VectorOps.SumOfSquares(Row(j)));
            int field = _fieldOf.Pointer[_features.Pointer[j]];
            _slopeLinear.Pointer[field] += wx;
            _slopeFactors.Pointer[field] += cross;
            score += wx;
            pairs += cross;
        }

        linear = _slopeLinear.Span;
        factors = _slopeFactors.Span;
        return (float)(score + (0.5 * pairs));
    }

    private void Step(int example, float eta)
    {
        float score = Slopes(example, out ReadOnlySpan<float> linear, out ReadOnlySpan<float> factors);
        float scale = eta * eta * TLoss.Derivative(score, _reader.Data.Interactions.Labels.Pointer[example]);
        for (int g = 0; g < linear.Length; g++)
        {
            _lambdaLinear.Pointer[g] = Math.Max(0, _lambdaLinear.Pointer[g] + (scale * linear[g]));
            _lambdaFactors.Pointer[g] = Math.Max(0, _lambdaFactors.Pointer[g] + (scale * factors[g]));
        }
    }

    private ReadOnlySpan<float> Row(int position) =>
        new(_parameters.Factors + ((nint)_features.Pointer[position] * _parameters.FactorStride), _parameters.Width);
}
