using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>
/// Where an FM's parameters lie, whatever else lies between them: a finished model, or a solver's table with optimiser sums.
/// </summary>
/// <param name="factors">V: feature i's row starts at factors + i·factorStride, on a cache line.</param>
/// <param name="factorStride">Floats from row to row.</param>
/// <param name="width">k rounded up to <see cref="RowMatrix.Padding"/>; the padding is zero.</param>
/// <param name="linear">w: feature i's weight is linear[i·linearStride].</param>
/// <param name="linearStride">Floats from weight to weight.</param>
/// <param name="bias">w₀.</param>
internal readonly unsafe struct FmView(float* factors, int factorStride, int width, float* linear, int linearStride, float bias)
{
    public readonly float* Factors = factors;
    public readonly nint FactorStride = factorStride;
    public readonly int Width = width;
    public readonly float* Linear = linear;
    public readonly nint LinearStride = linearStride;
    public readonly float Bias = bias;

    public FmView(FmModel model)
        : this(model.Factors.Storage.Pointer, model.Factors.Stride, model.Factors.Stride, model.Linear.Pointer, 1, model.Bias)
    {
    }
}

/// <summary>Scores many examples at once, O(k·nnz) each, vectorised, on several threads.</summary>
internal static unsafe class FmScorer
{
    /// <summary>Raw scores of all examples of <paramref name="data"/>; the caller keeps the view's memory alive.</summary>
    /// <param name="view">The parameters.</param>
    /// <param name="data">Examples over the same schema.</param>
    /// <param name="scores">As long as the examples.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    public static void Score(FmView view, Dataset data, Span<float> scores, int threads)
    {
        if (scores.Length != data.Count)
        {
            throw new ArgumentException($"{scores.Length} scores for {data.Count} examples", nameof(scores));
        }
        var reader = new ExampleReader(data);
        LaneDispatch.Run(new Kernel(view, reader, scores, new WorkerTeam(threads)));
        GC.KeepAlive(reader);
    }

    private static float ScoreOnes<TLanes>(in FmView view, int* features, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        float score = view.Bias;
        for (int j = 0; j < count; j++) { score += view.Linear[features[j] * view.LinearStride]; }
        TLanes pairs = TLanes.Zero;
        for (int c = 0; c < view.Width; c += TLanes.Count)
        {
            TLanes s = TLanes.Zero, squares = TLanes.Zero;
            for (int j = 0; j < count; j++)
            {
                TLanes v = TLanes.Load(ref view.Factors[(features[j] * view.FactorStride) + c]);
                s += v;
                squares = TLanes.MulAdd(v, v, squares);
            }

            pairs = TLanes.MulAdd(s, s, pairs) - squares;
        }

        return score + (0.5f * TLanes.Sum(pairs));
    }

    private static float ScoreValues<TLanes>(in FmView view, int* features, float* values, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        float score = view.Bias;
        for (int j = 0; j < count; j++) { score += values[j] * view.Linear[features[j] * view.LinearStride]; }
        TLanes pairs = TLanes.Zero;
        for (int c = 0; c < view.Width; c += TLanes.Count)
        {
            TLanes s = TLanes.Zero, squares = TLanes.Zero;
            for (int j = 0; j < count; j++)
            {
                TLanes vx = TLanes.Load(ref view.Factors[(features[j] * view.FactorStride) + c]) * TLanes.All(values[j]);
                s += vx;
                squares = TLanes.MulAdd(vx, vx, squares);
            }

            pairs = TLanes.MulAdd(s, s, pairs) - squares;
        }

        return score + (0.5f * TLanes.Sum(pairs));
    }

    private readonly ref struct Kernel(FmView view, ExampleReader reader, Span<float> scores, WorkerTeam team) : ILaneKernel<Nothing>
    {
        private readonly Span<float> _scores = scores;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            ExampleTraversal.Fill(new Operator<TLanes>(view, reader, null, null), _scores, team);
            return default;
        }
    }

    // Gathers an example's features into the worker's memory and scores it; no values when all are 1.
    private readonly struct Operator<TLanes>(FmView view, ExampleReader reader, NativeBlock<int>? features, NativeBlock<float>? values)
        : IExampleOperator<Operator<TLanes>>
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly FmView _view = view;

        public Operator<TLanes> ForWorker()
        {
            int most = Math.Max(1, reader.MaxWidth);
            return new(_view, reader, new NativeBlock<int>(most), reader.IsBinary ? null : new NativeBlock<float>(most));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Of(int example)
        {
            int* own = features!.Pointer;
            if (values is null) { return ScoreOnes<TLanes>(_view, own, reader.Gather(example, own, null)); }
            float* x = values.Pointer;
            return ScoreValues<TLanes>(_view, own, x, reader.Gather(example, own, x));
        }

        public void Dispose()
        {
            features?.Dispose();
            values?.Dispose();
        }
    }
}
