using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>Where an FM's parameters lie, whatever else lies between them: a finished model, or a solver's table with optimiser sums.</summary>
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
    private const int Block = 1024;   // examples between two looks at the shared counter

    /// <summary>Raw scores of all examples of <paramref name="data"/>; the caller keeps the view's memory alive.</summary>
    /// <param name="view">The parameters.</param>
    /// <param name="data">Examples over the same schema.</param>
    /// <param name="scores">As long as the examples.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    public static void Score(FmView view, Dataset data, Span<float> scores, int threads)
    {
        if (scores.Length != data.Count) { throw new ArgumentException($"{scores.Length} scores for {data.Count} examples", nameof(scores)); }
        var reader = new ExampleReader(data);
        fixed (float* start = scores)
        {
            float* target = start;
            int blocks = (data.Count + Block - 1) / Block, next = -1;
            void Work()
            {
                using var features = new NativeBlock<int>(Math.Max(1, reader.MaxWidth));
                using NativeBlock<float>? values = reader.IsBinary ? null : new NativeBlock<float>(Math.Max(1, reader.MaxWidth));
                for (int block = Interlocked.Increment(ref next); block < blocks; block = Interlocked.Increment(ref next))
                {
                    var buffers = new Buffers(features.Pointer, values is null ? null : values.Pointer);
                    Score(view, reader, block * Block, Math.Min(data.Count, (block + 1) * Block), buffers, target);
                }
            }

            if (threads == 1) { Work(); }
            else { Parallel.For(0, threads, _ => Work()); }
        }

        GC.KeepAlive(reader);
    }

    private static void Score(FmView view, ExampleReader reader, int start, int end, Buffers buffers, float* scores)
    {
        switch (LaneWidth.Best)
        {
            case 16: Score<Lanes16>(view, reader, start, end, buffers, scores); break;
            case 8: Score<Lanes8>(view, reader, start, end, buffers, scores); break;
            case 4: Score<Lanes4>(view, reader, start, end, buffers, scores); break;
            default: Score<Lanes1>(view, reader, start, end, buffers, scores); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Score<TLanes>(FmView view, ExampleReader reader, int start, int end, Buffers buffers, float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int example = start; example < end; example++)
        {
            int count = reader.Gather(example, buffers.Features, buffers.Values);
            scores[example] = buffers.Values is null
                ? ScoreOnes<TLanes>(view, buffers.Features, count)
                : ScoreValues<TLanes>(view, buffers.Features, buffers.Values, count);
        }
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

    /// <summary>A worker's scratch memory for one example; no values when all are 1.</summary>
    internal readonly struct Buffers(int* features, float* values)
    {
        public readonly int* Features = features;
        public readonly float* Values = values;
    }
}
