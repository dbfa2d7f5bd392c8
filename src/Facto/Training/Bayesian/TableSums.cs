using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>Where an FM's weights and factors lie.</summary>
/// <param name="Linear">w.</param>
/// <param name="Factors">V: features × k.</param>
internal readonly record struct FactorTables(NativeBlock<float> Linear, RowMatrix Factors);

/// <summary>What <see cref="TableSums"/> gives.</summary>
/// <param name="S">s: rows × k.</param>
/// <param name="A">a, by row.</param>
internal readonly record struct RowSums(RowMatrix S, NativeBlock<float> A);

/// <summary>s = Σ v x and a = Σ w x + ½(‖s‖² − Σ‖v x‖²) of every row of a table: what a row contributes to any score.</summary>
internal static unsafe class TableSums
{
    /// <summary>Computes rows <paramref name="start"/> … <paramref name="end"/>−1.</summary>
    /// <param name="rows">The table, over the parameters' features.</param>
    /// <param name="start">First row.</param>
    /// <param name="end">After the last row.</param>
    /// <param name="parameters">w and V.</param>
    /// <param name="sums">Receives s and a.</param>
    public static void Compute(SparseRows rows, int start, int end, FactorTables parameters, RowSums sums) =>
        LaneDispatch.Run(new ComputeKernel(rows, start, end, parameters, sums));

    /// <summary>a of one row.</summary>
    /// <param name="row">Over the parameters' features.</param>
    /// <param name="linear">w.</param>
    /// <param name="factors">V.</param>
    /// <param name="s">Receives s in its first row.</param>
    public static double Own(SparseRow row, NativeBlock<float> linear, RowMatrix factors, RowMatrix s) =>
        LaneDispatch.Run<RowKernel, double>(new RowKernel(row, linear.Pointer, factors.Storage.Pointer, s.Storage.Pointer, factors.Stride));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<T>(SparseRows rows, int start, int end, FactorTables parameters, RowSums sums)
        where T : struct, ILanes<T>
    {
        int stride = parameters.Factors.Stride;
        float* w = parameters.Linear.Pointer, allV = parameters.Factors.Storage.Pointer, s = sums.S.Storage.Pointer, a = sums.A.Pointer;
        for (int r = start; r < end; r++) { a[r] = (float)Row<T>(rows[r], w, allV, s + ((long)r * stride), stride); }
    }

    private static double Row<T>(SparseRow row, float* w, float* allV, float* sum, int stride)
        where T : struct, ILanes<T>
    {
        new Span<float>(sum, stride).Clear();
        double own = 0;
        T squares = T.Zero, whole = T.Zero;
        for (int i = 0; i < row.Count; i++)
        {
            float x = row.Value(i);
            float* v = allV + ((long)row.Features[i] * stride);
            own += x * w[row.Features[i]];
            T scale = T.All(x);
            for (int c = 0; c < stride; c += T.Count)
            {
                T vx = T.Load(ref v[c]) * scale;
                squares = T.MulAdd(vx, vx, squares);
                T.Store(T.Load(ref sum[c]) + vx, ref sum[c]);
            }
        }

        if (row.Count <= 1) { return own; }
        for (int c = 0; c < stride; c += T.Count)
        {
            T value = T.Load(ref sum[c]);
            whole = T.MulAdd(value, value, whole);
        }

        return own + (0.5 * (T.Sum(whole) - T.Sum(squares)));
    }

    private readonly struct ComputeKernel(SparseRows rows, int start, int end, FactorTables parameters, RowSums sums) : ILaneKernel<Nothing>
    {
        public Nothing Run<T>()
            where T : struct, ILanes<T>
        {
            Compute<T>(rows, start, end, parameters, sums);
            return default;
        }
    }

    private readonly ref struct RowKernel(SparseRow row, float* w, float* allV, float* sum, int stride) : ILaneKernel<double>
    {
        private readonly SparseRow _row = row;

        public double Run<T>()
            where T : struct, ILanes<T> => Row<T>(_row, w, allV, sum, stride);
    }
}
