using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>
/// Coordinates in which the distance of two items is the root mean square, over the users, of the difference of their scores.
/// An item vector is [g; r], a query [q₀; s]. With users' mean q̄ and covariance Σ = UᵀU of s, the item becomes its mean score h = q̄·[g;
/// r] and ρ = U(r − μ) for the items' mean μ; a query's s becomes σ = U⁻ᵀs, and q₀g + ⟨σ, ρ⟩ = ⟨q, ψ⟩ − ⟨s, μ⟩: the same ranking, exactly.
/// Nearness in (h, ρ) says which items replace each other in users' lists, whatever the norms; g itself stays in float32.
/// </summary>
internal sealed unsafe class ItemSpace
{
    // Directions in which no sampled user varies keep this share of the average variance.
    private const float Ridge = 0.01f;

    private readonly float[] _meanItem;          // μ, dimension − 1
    private readonly float[] _meanQuery;         // q̄, dimension
    private readonly float[] _factor;            // U, upper, stride × stride
    private readonly float[] _inverseDiagonal;
    private readonly PanelMatrix _queryMap;      // U⁻ᵀ: a product with it takes a tenth of solving for each query

    private ItemSpace(float[] meanItem, float[] meanQuery, float[] factor, float[] inverseDiagonal)
    {
        _meanItem = meanItem;
        _meanQuery = meanQuery;
        _factor = factor;
        _inverseDiagonal = inverseDiagonal;
        Dimension = meanQuery.Length;
        _queryMap = Inverse();
    }

    private int Stride => RowMatrix.PaddedLength(RestDimension);

    /// <summary>Length of item vectors and queries.</summary>
    public int Dimension { get; }

    /// <summary>Length of ρ and σ.</summary>
    public int RestDimension => Dimension - 1;

    /// <summary>Everything that a file must keep: μ, q̄, 1/diag U, U.</summary>
    public float[] Parameters => [.. _meanItem, .. _meanQuery, .. _inverseDiagonal, .. _factor];

    /// <summary>Number of <see cref="Parameters"/>.</summary>
    public static long ParameterCount(int dimension) =>
        (dimension - 1) + dimension + (RowMatrix.PaddedLength(dimension - 1) * (1L + RowMatrix.PaddedLength(dimension - 1)));

    public static ItemSpace FromParameters(int dimension, ReadOnlySpan<float> p)
    {
        int rest = dimension - 1, factor = rest + dimension + RowMatrix.PaddedLength(rest);
        return new(p[..rest].ToArray(), p.Slice(rest, dimension).ToArray(), p[factor..].ToArray(), p[(rest + dimension)..factor].ToArray());
    }

    /// <summary>Measures items and users. Without users, they are taken to look like items seen from [1; 0].</summary>
    public static ItemSpace Measure(RowMatrix items, RowMatrix? users)
    {
        int dimension = items.ColumnCount, rest = dimension - 1, stride = RowMatrix.PaddedLength(rest);
        float[] meanItem = Mean(items)[1..];
        var meanQuery = new float[dimension];
        meanQuery[0] = 1;
        double[] covariance;
        if (users is { RowCount: > 1 })
        {
            meanQuery = Mean(users);
            covariance = Covariance(users, meanQuery);
        }
        else
        {
            covariance = new double[rest * rest];
            double variance = MeanSquare(items, meanItem);
            if (variance == 0) { variance = 1; }
            for (int i = 0; i < rest; i++) { covariance[(i * rest) + i] = variance; }
        }

        var factor = new float[stride * stride];
        var inverse = new float[stride];
        double trace = 0;
        for (int i = 0; i < rest; i++) { trace += covariance[(i * rest) + i]; }
        double ridge = rest == 0 ? 0 : Math.Max(Ridge * trace / rest, 1e-12);
        for (int i = 0; i < rest; i++)
        {
            for (int j = i; j < rest; j++) { factor[(i * stride) + j] = (float)(covariance[(i * rest) + j] + (i == j ? ridge : 0)); }
        }

        if (rest > 0 && !Cholesky.Factor(factor, rest, inverse))
        {
            throw new FactoException("the user vectors hold values that are no numbers: retrain or filter them");
        }
        return new ItemSpace(meanItem, meanQuery, factor, inverse);
    }

    /// <summary>h = q̄·item; ρ goes to <paramref name="rho"/>.</summary>
    public float MapItem(ReadOnlySpan<float> item, Span<float> rho)
    {
        int rest = RestDimension;
        Span<float> centred = stackalloc float[rest <= 1024 ? rest : 0];
        if (rest > 1024) { centred = new float[rest]; }
        for (int i = 0; i < rest; i++) { centred[i] = item[i + 1] - _meanItem[i]; }
        for (int i = 0; i < rest; i++) { rho[i] = VectorOps.Dot(_factor.AsSpan((i * Stride) + i, rest - i), centred[i..]); }
        return VectorOps.Dot(_meanQuery, item);
    }

    /// <summary>Floats that <see cref="MapQuery"/> writes: <see cref="RestDimension"/> rounded up to whole panels, at least one.</summary>
    public static int SigmaLength(int dimension) =>
        Math.Max(1, (dimension - 1 + PanelMatrix.PanelRows - 1) / PanelMatrix.PanelRows) * PanelMatrix.PanelRows;

    /// <summary>σ = U⁻ᵀs and, up to <see cref="SigmaLength"/>, zeros.</summary>
    public void MapQuery(float* s, float* sigma) => LaneDispatch.Run(new MapKernel(this, s, sigma));

    private readonly struct MapKernel(ItemSpace space, float* s, float* sigma) : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            space.MapQuery<TLanes>(s, sigma);
            return default;
        }
    }

    private void MapQuery<TLanes>(float* s, float* sigma)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int first = 0; first < RestDimension; first += PanelMatrix.PanelRows)
        {
            PanelKernels.Score<TLanes>(
                _queryMap.Panel(first / PanelMatrix.PanelRows), s, RestDimension, float.NegativeInfinity, sigma + first);
        }
    }

    // Column p of U⁻ᵀ solves for the p-th unit vector.
    private PanelMatrix Inverse()
    {
        int rest = RestDimension;
        using var rows = new RowMatrix(rest, rest);
        var column = new float[Stride];
        for (int p = 0; p < rest; p++)
        {
            Array.Clear(column);
            column[p] = 1;
            Cholesky.SolveTransposed(_factor, rest, _inverseDiagonal, column);
            for (int j = p; j < rest; j++) { rows.Row(j)[p] = column[j]; }
        }

        return PanelMatrix.Pack(rows);
    }

    private static float[] Mean(RowMatrix rows)
    {
        var sum = new double[rows.ColumnCount];
        for (int row = 0; row < rows.RowCount; row++)
        {
            ReadOnlySpan<float> x = rows.Row(row);
            for (int i = 0; i < x.Length; i++) { sum[i] += x[i]; }
        }

        return [.. sum.Select(s => (float)(s / Math.Max(1, rows.RowCount)))];
    }

    private static double[] Covariance(RowMatrix users, float[] mean)
    {
        int rest = users.ColumnCount - 1, step = Math.Max(1, users.RowCount / 20_000), seen = 0;
        var sum = new double[rest * rest];
        var centred = new double[rest];
        for (int row = 0; row < users.RowCount; row += step, seen++)
        {
            ReadOnlySpan<float> x = users.Row(row);
            for (int i = 0; i < rest; i++) { centred[i] = x[i + 1] - mean[i + 1]; }
            for (int i = 0; i < rest; i++)
            {
                for (int j = i; j < rest; j++) { sum[(i * rest) + j] += centred[i] * centred[j]; }
            }
        }

        for (int i = 0; i < rest; i++)
        {
            for (int j = i; j < rest; j++) { sum[(j * rest) + i] = sum[(i * rest) + j] /= seen; }
        }

        return sum;
    }

    private static double MeanSquare(RowMatrix items, float[] mean)
    {
        double sum = 0;
        for (int row = 0; row < items.RowCount; row++)
        {
            ReadOnlySpan<float> x = items.Row(row);
            for (int i = 0; i < mean.Length; i++) { sum += (x[i + 1] - mean[i]) * (double)(x[i + 1] - mean[i]); }
        }

        return sum / Math.Max(1, (double)items.RowCount * Math.Max(1, mean.Length));
    }
}
