using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// The parameters of a run with their optimiser sums. A feature's factors and their sums lie one after another, each padded to whole
/// cache lines: [V (K) | first sum (K) | second sum (K)], K = k rounded up to 16; its weight likewise: [w | sums]; and w₀.
/// After the features' rows may come rows for the workers' own use (<see cref="WorkerCopy{TLoss,TUpdate}"/>), which belong to no model and
/// no file.
/// </summary>
internal sealed unsafe class FmParameters
{
    private readonly NativeBlock<float> _factors, _linear, _bias;

    /// <param name="featureCount">n.</param>
    /// <param name="factorCount">k.</param>
    /// <param name="stateCount">Optimiser sums per parameter.</param>
    /// <param name="extraRows">Rows after the features'.</param>
    public FmParameters(int featureCount, int factorCount, int stateCount, int extraRows = 0)
    {
        (FeatureCount, FactorCount, StateCount) = (featureCount, factorCount, stateCount);
        Width = RowMatrix.PaddedLength(factorCount);
        long rows = (long)featureCount + extraRows;
        if (rows > int.MaxValue)
        {
            throw new FactoException(
                $"{featureCount} features leave no row numbers for {extraRows} rows of the workers' own; use --threads 1");
        }
        _factors = new NativeBlock<float>(rows * Width * (1 + stateCount));
        _linear = new NativeBlock<float>(rows * LinearStride);
        _bias = new NativeBlock<float>(LinearStride);
    }

    public int FeatureCount { get; }

    public int FactorCount { get; }

    public int StateCount { get; }

    /// <summary>K.</summary>
    public int Width { get; }

    public float* Factors => _factors.Pointer;

    public float* Linear => _linear.Pointer;

    public float* Bias => _bias.Pointer;

    /// <summary>Who keeps the memory of windows into this: it does nothing when they go, and lives as long as they do.</summary>
    public IDisposable Owner => new Keeper(this);

    /// <summary>Floats from feature to feature in <see cref="Factors"/>.</summary>
    public int FactorStride => Width * (1 + StateCount);

    /// <summary>Floats from feature to feature in <see cref="Linear"/>.</summary>
    public int LinearStride => 1 + StateCount;

    /// <summary>Bytes that training touches.</summary>
    public long Bytes => (_factors.Length + _linear.Length) * sizeof(float);

    public FmView View => new(Factors, FactorStride, Width, Linear, LinearStride, *Bias);

    /// <summary>Draws V uniformly with the given standard deviation (its tails do not matter, its speed does) and sets the sums.</summary>
    public void Initialise<TUpdate>(float standardDeviation, float initialAccumulator, ulong seed)
        where TUpdate : struct, IUpdate
    {
        var random = new SeededRandom(seed, RandomStreams.Initialisation);
        float range = standardDeviation * MathF.Sqrt(12);
        for (int i = 0; i < FeatureCount; i++)
        {
            Span<float> row = _factors.Slice((long)i * FactorStride, FactorStride);
            for (int f = 0; f < FactorCount; f++) { row[f] = range * (random.NextFloat() - 0.5f); }
            for (int s = 0; s < StateCount; s++) { row.Slice((s + 1) * Width, Width).Fill(TUpdate.InitialState(s, initialAccumulator)); }
            for (int s = 0; s < StateCount; s++) { Linear[((long)i * LinearStride) + s + 1] = TUpdate.InitialState(s, initialAccumulator); }
        }

        for (int s = 0; s < StateCount; s++) { Bias[s + 1] = TUpdate.InitialState(s, initialAccumulator); }
    }

    /// <summary>Sets the factors of features that no example has to 0, so that what was not learnt says nothing.</summary>
    /// <param name="seen">Per feature 1 or 0.</param>
    public void Clear(NativeBlock<byte> seen)
    {
        for (int i = 0; i < FeatureCount; i++)
        {
            if (seen.Pointer[i] == 0) { _factors.Slice((long)i * FactorStride, Width).Clear(); }
        }
    }

    /// <summary>Takes w₀, w and V from a model over the same features; the sums stay.</summary>
    public void Take(FmModel model)
    {
        if (model.Schema.FeatureCount != FeatureCount || model.FactorCount != FactorCount)
        {
            throw new FactoException(
                $"the model to start from has {model.Schema.FeatureCount} features and {model.FactorCount} factors, the run "
                    + $"{FeatureCount} and {FactorCount}; use --factors {model.FactorCount}, "
                    + $"and grow the model to the data's schema first");
        }

        *Bias = model.Bias;
        for (int i = 0; i < FeatureCount; i++)
        {
            Linear[(long)i * LinearStride] = model.Linear[i];
            model.Factors.PaddedRow(i).CopyTo(new Span<float>(Factors + ((long)i * FactorStride), Width));
        }
    }

    /// <summary>Takes the sums of an earlier run for every feature that both schemas have; the others keep their initial ones.</summary>
    public void TakeSums(OptimizerState state, FeatureSchema schema, string solver)
    {
        long stride = FactorStride, linearStride = LinearStride;
        if (state.Solver != solver || state.FactorCount != FactorCount || state.Bias.Length != linearStride
            || state.Linear.Length != state.Schema.FeatureCount * linearStride
                || state.Factors.Length != state.Schema.FeatureCount * stride)
        {
            throw new FactoException(
                $"the optimiser state to start from belongs to solver '{state.Solver}' with {state.FactorCount} factors, the run is "
                    + $"'{solver}' with {FactorCount}; use the same ones, or start from the model alone");
        }

        int[] source = ModelGrowth.Match(state.Schema, schema);
        state.Bias.Span[1..].CopyTo(_bias.Span[1..]);
        for (int i = 0; i < FeatureCount; i++)
        {
            if (source[i] < 0) { continue; }
            state.Linear.Slice((source[i] * linearStride) + 1, StateCount).CopyTo(_linear.Slice((i * linearStride) + 1, StateCount));
            state.Factors.Slice((source[i] * stride) + Width, StateCount * Width)
                .CopyTo(_factors.Slice((i * stride) + Width, StateCount * Width));
        }
    }

    /// <summary>Copies w₀, w and V out.</summary>
    public void CopyTo(FmModel model)
    {
        model.Bias = *Bias;
        for (int i = 0; i < FeatureCount; i++)
        {
            model.Linear[i] = Linear[(long)i * LinearStride];
            new Span<float>(Factors + ((long)i * FactorStride), Width).CopyTo(model.Factors.PaddedRow(i));
        }
    }

    public void Write(ArtefactWriter writer)
    {
        writer.Write("sgd.bias", _bias);
        writer.Write("sgd.linear", OfFeatures(_linear, LinearStride));
        writer.Write("sgd.factors", OfFeatures(_factors, FactorStride));
    }

    public void Read(ArtefactReader reader)
    {
        reader.Block<float>("sgd.bias", _bias.Length).CopyTo(_bias);
        NativeBlock<float> linear = OfFeatures(_linear, LinearStride), factors = OfFeatures(_factors, FactorStride);
        reader.Block<float>("sgd.linear", linear.Length).CopyTo(linear);
        reader.Block<float>("sgd.factors", factors.Length).CopyTo(factors);
    }

    private sealed class Keeper(FmParameters parameters) : IDisposable
    {
        public void Dispose() => GC.KeepAlive(parameters);
    }

    // A window without the workers' rows.
    private NativeBlock<float> OfFeatures(NativeBlock<float> block, int stride) => new(block.Pointer, (long)FeatureCount * stride, block);
}

/// <summary>Which stream of the seed serves what.</summary>
internal static class RandomStreams
{
    public const ulong Initialisation = 1;
    public const ulong VisitingOrder = 2;

    public const ulong ValidationOrder = 3;

    /// <summary>Plus the pass.</summary>
    public const ulong Passes = 1UL << 32;
}
