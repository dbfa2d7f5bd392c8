using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// The parameters and the blocks that ALS and the Gibbs sampler work on, and the step over one block: every feature's [v; w] in turn
/// becomes the minimum of its penalised squared error (ALS) or a draw from its conditional (Gibbs). Both are the same linear algebra.
/// </summary>
internal sealed partial class BlockSystem
{
    public BlockSystem(Dataset data, int factors, int threads, ulong seed, HyperPrior? hyper = null)
    {
        Data = data;
        K = factors;
        Streams = new KeyedStreams(seed);
        Linear = new NativeBlock<float>(data.Schema.FeatureCount);
        Factors = new RowMatrix(data.Schema.FeatureCount, factors);
        Priors = new FactorPriors(data.Schema.Fields.Count, factors, hyper ?? new HyperPrior());
        Blocks = BlockPlan.Build(data);
        ReadOnlySpan<float> labels = data.Interactions.Labels.Span;
        ReadOnlySpan<float> weights = data.Interactions.Weights is { } w ? w.Span : default;
        States = new BlockState[Blocks.Length];
        for (int b = 0; b < Blocks.Length; b++) { States[b] = new BlockState(Blocks[b], Blocks, factors, labels, weights); }
        TotalWeight = data.Interactions.TotalWeight();
        Workers = new Workers<BlockScratch>(threads, () => new BlockScratch(factors));
    }

    public Dataset Data { get; }

    /// <summary>k.</summary>
    public int K { get; }

    public KeyedStreams Streams { get; }

    public Block[] Blocks { get; }

    public BlockState[] States { get; }

    public Workers<BlockScratch> Workers { get; }

    /// <summary>w₀.</summary>
    public float Bias { get; set; }

    /// <summary>w.</summary>
    public NativeBlock<float> Linear { get; }

    /// <summary>V: features × k.</summary>
    public RowMatrix Factors { get; }

    public FactorPriors Priors { get; }

    /// <summary>α: how much an example of weight 1 counts against the priors; the precision of the noise.</summary>
    public double Noise { get; set; } = 1;

    /// <summary>Σω.</summary>
    public double TotalWeight { get; }

    /// <summary>Σωe² and Σωe with the present parameters, known after <see cref="Sweep"/>.</summary>
    public (double Squares, double Sum) Error { get; set; }

    /// <summary>Sets V of the features that the data owns to N(0, <paramref name="deviation"/>²) and the sums to match.</summary>
    public void Start(double deviation)
    {
        for (int b = 0; b < Blocks.Length; b++)
        {
            foreach (BlockField field in Blocks[b].Fields)
            {
                for (int l = field.Offset; l < field.Offset + field.Count; l++)
                {
                    SeededRandom random = Streams.For(0, DrawKind.Start, l);
                    foreach (ref float v in Factors.Row(l)) { v = (float)(deviation * Ziggurat.Next(ref random)); }
                }
            }
        }

        Refresh();
    }

    /// <summary>Recomputes every block's sums from the parameters.</summary>
    public void Refresh()
    {
        for (int b = 0; b < Blocks.Length; b++) { RefreshRows(b, CancellationToken.None); }
    }

    /// <summary>One step over every block; then <see cref="Error"/> is that of the parameters as they are.</summary>
    /// <param name="sweep">Names the random streams.</param>
    /// <param name="draw">Gibbs when true, ALS when false.</param>
    /// <param name="cancellation">Checked between runs of rows.</param>
    public void Sweep(int sweep, bool draw, CancellationToken cancellation)
    {
        for (int b = 0; b < Blocks.Length; b++) { Step(b, sweep, draw, cancellation); }
    }

    /// <summary>The step over one block; <see cref="Error"/> is known after the last one.</summary>
    public void Step(int block, int sweep, bool draw, CancellationToken cancellation) =>
        LaneDispatch.Run(new StepKernel(this, block, sweep, draw, cancellation));

    private void Step<T>(int block, int sweep, bool draw, CancellationToken cancellation)
        where T : struct, ILanes<T>
    {
        if (Blocks[block].IsIdentity) { StepIdentity<T>(block, sweep, draw, cancellation); }
        else { StepShared<T>(block, sweep, draw, cancellation); }
        RefreshRows(block, cancellation);
        if (block < Blocks.Length - 1) { return; }
        double squares = 0, sum = 0;
        Span<double> errors = States[block].RowError.Span;
        for (int i = 0; i < errors.Length; i += 2)
        {
            squares += errors[i];
            sum += errors[i + 1];
        }

        Error = (squares, sum);
    }

    private readonly struct StepKernel(BlockSystem system, int block, int sweep, bool draw, CancellationToken cancellation)
        : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            system.Step<TLanes>(block, sweep, draw, cancellation);
            return default;
        }
    }
}
