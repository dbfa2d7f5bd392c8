using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>What changes in a block while learning: its rows' sums, and each row's statistics of the examples that share it.</summary>
internal sealed unsafe class BlockState
{
    /// <summary>Up to so many blocks, each keeps the others' rows in its own order of examples; beyond, they are looked up.</summary>
    private const int MostCopied = 4;

    public BlockState(Block block, Block[] all, int k, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Block = block;
        S = new RowMatrix(block.RowCount, k);
        A = new NativeBlock<float>(block.RowCount);
        Offset = new NativeBlock<float>(block.RowCount);
        Targets = new NativeBlock<float>(labels.Length);
        SetTargets(labels, 0, labels.Length);
        if (!weights.IsEmpty)
        {
            Roots = new NativeBlock<float>(weights.Length);
            Gather(weights, Roots.Span);
            foreach (ref float root in Roots.Span) { root = MathF.Sqrt(root); }
        }

        Partners = new NativeBlock<int>?[all.Length];
        HasPartners = all.Length > 1;
        if (all.Length <= MostCopied)
        {
            for (int b = 0; b < all.Length; b++)
            {
                if (all[b] == block) { continue; }
                Partners[b] = new NativeBlock<int>(labels.Length);
                Gather(all[b].RowOf.Span, Partners[b]!.Span);
            }
        }

        if (!block.IsIdentity) { Sums = new RowStatistics(block.RowCount, k, HasPartners); }
        RowError = new NativeBlock<double>(block.RowCount * 2L);
    }

    public Block Block { get; }

    /// <summary>s: rows × k.</summary>
    public RowMatrix S { get; }

    /// <summary>a = Σ w x + ½(‖s‖² − Σ‖v x‖²) of each row.</summary>
    public NativeBlock<float> A { get; }

    /// <summary>
    /// What a row adds to the part of ŷ that the other blocks make: a with two blocks; a − ½‖s‖² with more, where ½‖Σs‖² is added once.
    /// </summary>
    public NativeBlock<float> Offset { get; }

    /// <summary>The label or latent of each example, grouped by row.</summary>
    public NativeBlock<float> Targets { get; }

    /// <summary>√ω of each example, grouped by row; null when all weights are 1.</summary>
    public NativeBlock<float>? Roots { get; }

    /// <summary>For each other block the row of each example, grouped by this block's row; null entries are looked up.</summary>
    public NativeBlock<int>?[] Partners { get; }

    public bool HasPartners { get; }

    /// <summary>
    /// Every row's statistics, for blocks whose features share rows; null for identity blocks, which need one row's at a time.
    /// </summary>
    public RowStatistics? Sums { get; }

    /// <summary>Σ ω e² and Σ ω e of each row after the block's step.</summary>
    public NativeBlock<double> RowError { get; }

    /// <summary>Takes places <paramref name="start"/> … <paramref name="end"/>−1 of the grouped order from labels by example.</summary>
    public void SetTargets(ReadOnlySpan<float> byExample, int start, int end)
    {
        ReadOnlySpan<int> order = Block.Order.Span;
        for (int p = start; p < end; p++) { Targets[p] = byExample[order[p]]; }
    }

    private void Gather<T>(ReadOnlySpan<T> byExample, Span<T> grouped)
    {
        ReadOnlySpan<int> order = Block.Order.Span;
        for (int p = 0; p < order.Length; p++) { grouped[p] = byExample[order[p]]; }
    }
}

/// <summary>
/// The examples that share row r are, for everything this block can change, a quadratic in θ_r = [s_r; a_r]: with ψ = [p; 1], p the sum of
/// the other blocks' s, it is fixed by Σωψψᵀ = [G g; gᵀ n] and by ρ = Σωψe, e = y − ŷ. So features that many rows share never touch the
/// examples.
/// </summary>
internal sealed unsafe class RowStatistics
{
    private readonly NativeBlock<float> _gram;

    public RowStatistics(int rows, int k, bool hasPartners)
    {
        GramSize = hasPartners ? RowMatrix.PaddedLength(k) * RowMatrix.PaddedLength(k) : 0;
        Bytes = (long)rows * GramSize * sizeof(float);
        _gram = new NativeBlock<float>((long)rows * GramSize);
        G = new RowMatrix(hasPartners ? rows : 0, k);
        Rho = new RowMatrix(hasPartners ? rows : 0, k);
        N = new NativeBlock<float>(rows);
        RhoA = new NativeBlock<float>(rows);
        Error = new NativeBlock<double>(rows);
    }

    public int GramSize { get; }

    public long Bytes { get; }

    /// <summary>g = Σωp.</summary>
    public RowMatrix G { get; }

    /// <summary>ρ_s = Σωpe.</summary>
    public RowMatrix Rho { get; }

    /// <summary>n = Σω.</summary>
    public NativeBlock<float> N { get; }

    /// <summary>ρ_a = Σωe.</summary>
    public NativeBlock<float> RhoA { get; }

    /// <summary>Σωe².</summary>
    public NativeBlock<double> Error { get; }

    /// <summary>G = Σωppᵀ of a row, in rows of the padded length, whole (both triangles).</summary>
    public float* Gram(int row) => _gram.Pointer + ((long)row * GramSize);
}
