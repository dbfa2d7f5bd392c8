using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Ordered classes seen through a normal latent (Albert and Chib 1993): z = ŷ + ε, ε ~ N(0, 1), and the label is class j when
/// γ_{j−1} &lt; z ≤ γ_j. Two classes with γ = 0 are probit classification; more are the ordered probit, whose cut-points are sampled too.
/// The sampler regresses on the z that are drawn here.
/// </summary>
internal sealed unsafe class LatentTargets
{
    private const int Run = 4096;   // examples that share a random stream

    private readonly BlockSystem _system;
    private readonly float[] _scores;        // ŷ of each example
    private readonly float[] _latents;       // z of each example
    private readonly CutPointSampler? _cutPoints;

    /// <param name="system">Its targets become the latents; its noise stays 1.</param>
    /// <param name="labels">Labels by example.</param>
    /// <param name="ordinal">Cut-points are sampled; otherwise there are two classes and one cut-point, 0.</param>
    public LatentTargets(BlockSystem system, ReadOnlySpan<float> labels, bool ordinal)
    {
        _system = system;
        Levels = DistinctLevels(labels, ordinal);
        Classes = new int[labels.Length];
        for (int t = 0; t < labels.Length; t++) { Classes[t] = Array.BinarySearch(Levels, labels[t]); }
        _scores = new float[labels.Length];
        _latents = new float[labels.Length];
        CutPoints = new double[Levels.Length - 1];
        if (ordinal)
        {
            _cutPoints = new CutPointSampler(Classes, Levels.Length, system.Workers.Count);
            _cutPoints.Start(CutPoints);
        }
    }

    /// <summary>The class of each example.</summary>
    public int[] Classes { get; }

    /// <summary>The label values, ascending.</summary>
    public float[] Levels { get; }

    /// <summary>γ, one fewer than levels, ascending.</summary>
    public double[] CutPoints { get; }

    /// <summary>Draws the cut-points given ŷ with z integrated out, then every z.</summary>
    public void Draw(int sweep, CancellationToken cancellation)
    {
        ScoreAll(cancellation);
        if (_cutPoints is not null)
        {
            SeededRandom random = _system.Streams.For(sweep, DrawKind.CutPoint, 0);
            _cutPoints.Draw(_scores, CutPoints, ref random);
        }

        double[] edges = [double.NegativeInfinity, .. CutPoints, double.PositiveInfinity];
        int runs = (_scores.Length + Run - 1) / Run;
        _system.Workers.Run(runs, 1, (_, first, last) =>
        {
            for (int run = first; run < last; run++) { DrawRun(sweep, run, edges); }
        }, cancellation);
        foreach (BlockState state in _system.States)
        {
            _system.Workers.Run(_latents.Length, Run, (_, first, last) => state.SetTargets(_latents, first, last), cancellation);
        }
    }

    private void DrawRun(int sweep, int run, double[] edges)
    {
        SeededRandom random = _system.Streams.For(sweep, DrawKind.Latent, run);
        int end = Math.Min((run + 1) * Run, _scores.Length);
        for (int t = run * Run; t < end; t++)
        {
            int c = Classes[t];
            _latents[t] = (float)NormalDistribution.NextTruncated(ref random, _scores[t], edges[c], edges[c + 1]);
        }
    }

    private void ScoreAll(CancellationToken cancellation)
    {
        _system.Workers.Run(
            _system.Blocks[0].RowCount, 32, (scratch, start, end) =>
            LaneDispatch.Run(new ScoreKernel(this, start, end, scratch)), cancellation);
    }

    // By the rows of the first block: RowGather leaves what the other blocks make of ŷ, negated, of a target of 0; then + a + ⟨s, p⟩.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreRows<T>(int start, int end, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        BlockState state = _system.States[0];
        int stride = state.S.Stride;
        int* order = state.Block.Order.Pointer, starts = state.Block.Start.Pointer;
        for (int r = start; r < end; r++)
        {
            float* s = state.S.Storage.Pointer + ((long)r * stride);
            float a = state.A.Pointer[r];
            for (int first = starts[r]; first < starts[r + 1]; first += scratch.Chunk)
            {
                int count = Math.Min(scratch.Chunk, starts[r + 1] - first);
                RowGather.Chunk<T>(_system.States, 0, _system.Bias, null, first, count, scratch);
                float* p = scratch.P;
                for (int j = 0; j < count; j++, p += stride)
                {
                    float score = a - scratch.Y[j];
                    if (state.HasPartners)
                    {
                        T sum = T.Zero;
                        for (int c = 0; c < stride; c += T.Count) { sum = T.MulAdd(T.Load(ref p[c]), T.Load(ref s[c]), sum); }
                        score += T.Sum(sum);
                    }

                    _scores[order[first + j]] = score;
                }
            }
        }
    }

    private static float[] DistinctLevels(ReadOnlySpan<float> labels, bool ordinal)
    {
        var levels = new SortedSet<float>(ordinal ? [] : [0f, 1f]);
        foreach (float label in labels)
        {
            levels.Add(label);
            if (!ordinal && levels.Count > 2)
            {
                throw new FactoException(FormattableString.Invariant($"the labels of a binary task must be 0 or 1; found {label}"));
            }
            if (levels.Count > CutPointSampler.MostClasses)
            {
                throw new FactoException(
                    $"the labels have more than {CutPointSampler.MostClasses} different values; an ordered task needs few classes: use "
                        + $"the task regression");
            }
        }

        if (levels.Count < 2)
        {
            throw new FactoException($"every label is {levels.FirstOrDefault()}; an ordered task needs at least two classes");
        }
        return [.. levels];
    }

    private readonly struct ScoreKernel(LatentTargets targets, int start, int end, BlockScratch scratch) : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            targets.ScoreRows<TLanes>(start, end, scratch);
            return default;
        }
    }
}
