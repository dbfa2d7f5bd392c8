using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>One worker's buffers: a chunk of gathered examples, one Gram matrix, one solve.</summary>
internal sealed unsafe class BlockScratch
{
    private readonly NativeBlock<float> _floats;
    private readonly NativeBlock<int> _rows;
    private readonly NativeBlock<double> _sums = new(8);   // a cache line of the worker's own

    public BlockScratch(int k)
    {
        int stride = RowMatrix.PaddedLength(k), gram = stride * stride;
        Chunk = GramKernel.PanelRows(stride);
        _floats = new NativeBlock<float>(((long)Chunk * stride) + (2L * RowMatrix.PaddedLength(Chunk)) + gram + (6L * stride));
        _rows = new NativeBlock<int>(Chunk);
        float* next = _floats.Pointer;
        P = Take(Chunk * stride);
        Y = Take(RowMatrix.PaddedLength(Chunk));
        Roots = Take(RowMatrix.PaddedLength(Chunk));
        new Span<float>(Roots, Chunk).Fill(1);
        Gram = Take(gram);
        G = Take(stride);
        H = Take(stride);
        D = Take(stride);
        Z = Take(stride);
        Solve = new GaussianSolve(k);

        float* Take(int length)
        {
            float* taken = next;
            next += length;
            return taken;
        }
    }

    /// <summary>Examples gathered at once.</summary>
    public int Chunk { get; }

    /// <summary>Gathered √ω p: chunk × stride.</summary>
    public float* P { get; }

    /// <summary>√ω times (y less everything that this block does not decide).</summary>
    public float* Y { get; }

    /// <summary>√ω; 1 when there are no weights.</summary>
    public float* Roots { get; }

    /// <summary>Rows of a partner block.</summary>
    public int* Rows => _rows.Pointer;

    /// <summary>Σωppᵀ of one row (upper triangle).</summary>
    public float* Gram { get; }

    /// <summary>Σωp of one row.</summary>
    public float* G { get; }

    /// <summary>Σωyp of one row.</summary>
    public float* H { get; }

    /// <summary>d = s − x v, the row's sum without the feature.</summary>
    public float* D { get; }

    /// <summary>A spare vector.</summary>
    public float* Z { get; }

    public GaussianSolve Solve { get; }

    /// <summary>Σω of one row.</summary>
    public float Count { get => (float)_sums.Pointer[0]; set => _sums.Pointer[0] = value; }

    /// <summary>Σωy of one row.</summary>
    public double SumY { get => _sums.Pointer[1]; set => _sums.Pointer[1] = value; }

    /// <summary>Σωy² of one row.</summary>
    public double SumSquares { get => _sums.Pointer[2]; set => _sums.Pointer[2] = value; }
}
