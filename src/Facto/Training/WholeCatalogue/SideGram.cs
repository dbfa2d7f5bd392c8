using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// All that the other side needs to know of a whole side: the second moments of its vectors ψ_t = [r_t; 1; g_t] under the weights q_t.
/// With them Σ_t q_t y(c,t)² costs O(k²) for a context, however many items there are (Bayer et al. 2017, lemma 1).
/// </summary>
internal sealed unsafe class SideGram : IDisposable
{
    private const int Parts = 16;   // fixed, so that the sums do not depend on the number of workers

    private readonly RowMatrix _partial;   // (Parts, stride²)
    private readonly double[][] _moments;  // Parts × (Σqr, Σqgr, q, g, g²)

    public SideGram(int factors)
    {
        Factors = factors;
        Stride = RowMatrix.PaddedLength(factors);
        Products = new RowMatrix(Stride, Stride);
        Mean = new NativeBlock<float>((long)Stride);
        OwnProducts = new NativeBlock<float>((long)Stride);
        _partial = new RowMatrix(Parts, Stride * Stride);
        _moments = [.. Enumerable.Range(0, Parts).Select(_ => new double[(2 * Stride) + 3])];
    }

    public int Factors { get; }

    public int Stride { get; }

    /// <summary>R₂ = Σ q r rᵀ, both triangles.</summary>
    public RowMatrix Products { get; }

    /// <summary>r̄ = Σ q r.</summary>
    public NativeBlock<float> Mean { get; }

    /// <summary>Σ q g r.</summary>
    public NativeBlock<float> OwnProducts { get; }

    /// <summary>q̄ = Σ q.</summary>
    public double Weight { get; private set; }

    /// <summary>Σ q g.</summary>
    public double OwnSum { get; private set; }

    /// <summary>Σ q g².</summary>
    public double OwnSquares { get; private set; }

    /// <summary>Adds up the side as it is now.</summary>
    public void Compute(CatalogueSide side, SweepScratch[] workers, CancellationToken cancellation)
    {
        RowParallel.Run(Parts, 1, workers, (first, end, scratch) =>
        {
            for (int part = first; part < end; part++)
            {
                int from = (int)((long)side.RowCount * part / Parts), to = (int)((long)side.RowCount * (part + 1) / Parts);
                AddRows(side, from, to, _partial.PaddedRow(part), _moments[part], scratch);
            }
        }, cancellation);
        Merge();
    }

    /// <summary>Σ_c Σ_t m_c q_t y(c,t)² from the moments of both sides.</summary>
    public static double SumOfSquaredScores(SideGram contexts, SideGram items)
    {
        double products = 0, means = 0, contextOwn = 0, itemOwn = 0;
        for (int i = 0; i < contexts.Factors; i++)
        {
            Span<float> c = contexts.Products.Row(i), t = items.Products.Row(i);
            for (int j = 0; j < contexts.Factors; j++) { products += (double)c[j] * t[j]; }
            means += (double)contexts.Mean[i] * items.OwnProducts[i];
            contextOwn += (double)contexts.OwnProducts[i] * items.Mean[i];
        }

        itemOwn = means;
        return products + (contexts.OwnSquares * items.Weight) + (contexts.Weight * items.OwnSquares)
            + (2 * (contextOwn + itemOwn + (contexts.OwnSum * items.OwnSum)));
    }

    public void Dispose()
    {
        Products.Dispose();
        _partial.Dispose();
    }

    private void AddRows(CatalogueSide side, int from, int to, Span<float> gram, double[] moments, SweepScratch scratch)
    {
        gram.Clear();
        Array.Clear(moments);
        int chunk = Math.Min(GramKernel.PanelRows(Stride), scratch.PanelFloats / Stride);
        for (int start = from; start < to; start += chunk)
        {
            int rows = Math.Min(chunk, to - start);
            float* source = side.Sums.Storage.Pointer + ((long)start * Stride);
            AddMoments(side, start, rows, source, moments, scratch);
            if (side.Weights is not null)
            {
                for (int i = 0; i < rows; i++)
                {
                    float root = MathF.Sqrt(side.Weights[start + i]);
                    for (int j = 0; j < Stride; j++) { scratch.Panel[(i * Stride) + j] = root * source[(i * Stride) + j]; }
                }

                source = scratch.Panel;
            }

            GramKernel.AddOuterProducts(new ReadOnlySpan<float>(source, rows * Stride), rows, Stride, gram);
        }
    }

    // First moments: summed in single precision over a chunk, in double precision over chunks.
    private void AddMoments(CatalogueSide side, int start, int rows, float* source, double[] moments, SweepScratch scratch)
    {
        var vector = new Span<float>(scratch.Sums, 2 * Stride);
        vector.Clear();
        for (int i = 0; i < rows; i++)
        {
            float q = side.Weight(start + i), g = side.OwnTerms.Pointer[start + i];
            var r = new ReadOnlySpan<float>(source + ((long)i * Stride), Stride);
            VectorOps.AddScaled(vector[..Stride], q, r);
            VectorOps.AddScaled(vector[Stride..], q * g, r);
            moments[^3] += q;
            moments[^2] += q * (double)g;
            moments[^1] += q * (double)g * g;
        }

        for (int j = 0; j < vector.Length; j++) { moments[j] += vector[j]; }
    }

    private void Merge()
    {
        Span<float> total = Products.Storage.Span;
        total.Clear();
        for (int part = 0; part < Parts; part++) { VectorOps.AddScaled(total, 1, _partial.Row(part)); }
        GramKernel.Mirror(total, Stride);
        for (int j = 0; j < Stride; j++)
        {
            Mean[j] = (float)_moments.Sum(m => m[j]);
            OwnProducts[j] = (float)_moments.Sum(m => m[Stride + j]);
        }

        Weight = _moments.Sum(m => m[^3]);
        OwnSum = _moments.Sum(m => m[^2]);
        OwnSquares = _moments.Sum(m => m[^1]);
    }
}
