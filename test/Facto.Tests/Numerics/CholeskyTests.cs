using System.Runtime.InteropServices;
using Facto.Numerics;
using Facto.Tests.Oracles;

namespace Facto.Tests.Numerics;

public sealed class CholeskyTests
{
    public static TheoryData<int, int> Shapes()
    {
        var shapes = new TheoryData<int, int>();
        foreach (int n in (int[])[1, 2, 7, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 80, 100, 129]) { shapes.Add(n, (3 * n) + 5); }
        shapes.Add(64, 1);
        shapes.Add(48, 0);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Outer_products_add_up_to_the_plain_sum_at_every_width(int n, int rows)
    {
        int stride = RowMatrix.PaddedLength(n);
        float[] panel = RandomPanel(n, rows, 1);
        double[,] expected = PlainGram(panel, n, rows, 0.5);
        Check(Widths.Run<Lanes16>(panel, rows, stride));
        Check(Widths.Run<Lanes8>(panel, rows, stride));
        Check(Widths.Run<Lanes4>(panel, rows, stride));
        Check(Widths.Run<Lanes1>(panel, rows, stride));
        float[] best = new float[stride * stride];
        GramKernel.AddOuterProducts(panel, rows, stride, best, 0.5f);
        Check(best);

        void Check(float[] gram)
        {
            GramKernel.Mirror(gram, stride);
            for (int i = 0; i < stride; i++)
            {
                for (int j = 0; j < stride; j++)
                {
                    double want = i < n && j < n ? expected[i, j] : 0;
                    Assert.Equal(want, gram[(i * stride) + j], 1e-5 * (1 + rows));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Solve_gives_the_solution_that_elimination_gives(int n, int rows)
    {
        int stride = RowMatrix.PaddedLength(n);
        float[] panel = RandomPanel(n, rows, 2);
        double[,] a = PlainGram(panel, n, rows, 1);
        float[] u = new float[stride * stride];
        for (int i = 0; i < n; i++)
        {
            a[i, i] += 1;
            for (int j = i; j < n; j++) { u[(i * stride) + j] = (float)a[i, j]; }
            for (int j = 0; j < i; j++) { u[(i * stride) + j] = float.NaN; }   // below the diagonal nothing may be read
        }

        float[] x = new float[stride], inverse = new float[stride];
        var random = new SeededRandom(3);
        for (int i = 0; i < n; i++) { x[i] = (float)random.NextNormal(); }
        double[] expected = LinearSystem.Solve(a, [.. x.Take(n).Select(v => (double)v)]);
        Assert.True(Cholesky.Factor(u, n, inverse));
        Cholesky.Solve(u, n, inverse, x);
        for (int i = 0; i < n; i++) { Assert.Equal(expected[i], x[i], 2e-4 * (1 + Math.Abs(expected[i]))); }
        for (int i = n; i < stride; i++) { Assert.Equal(0f, x[i]); }
    }

    [Fact]
    public void The_two_triangular_solves_undo_the_factor()
    {
        const int N = 37;
        int stride = RowMatrix.PaddedLength(N);
        float[] u = new float[stride * stride], inverse = new float[stride];
        GramKernel.AddOuterProducts(RandomPanel(N, 90, 4), 90, stride, u);
        Assert.True(Cholesky.Factor(u, N, inverse));
        float[] x = new float[stride], y = new float[stride];
        for (int i = 0; i < N; i++) { x[i] = i - 7; }
        for (int i = 0; i < N; i++)
        {
            for (int j = i; j < N; j++) { y[i] += u[(i * stride) + j] * x[j]; }
        }

        Cholesky.SolveUpper(u, N, inverse, y);
        for (int i = 0; i < N; i++) { Assert.Equal(x[i], y[i], 2e-2); }
        Array.Clear(y);
        for (int i = 0; i < N; i++)
        {
            for (int j = i; j < N; j++) { y[j] += u[(i * stride) + j] * x[i]; }
        }

        Cholesky.SolveTransposed(u, N, inverse, y);
        for (int i = 0; i < N; i++) { Assert.Equal(x[i], y[i], 2e-2); }
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_is_refused()
    {
        float[] a = new float[16 * 16], inverse = new float[16];
        a[0] = 1;
        a[1] = 2;
        a[17] = 1;
        Assert.False(Cholesky.Factor(a, 2, inverse));
        a[0] = float.NaN;
        Assert.False(Cholesky.Factor(a, 2, inverse));
    }

    private static float[] RandomPanel(int n, int rows, ulong seed)
    {
        int stride = RowMatrix.PaddedLength(n);
        float[] panel = new float[rows * stride];
        var random = new SeededRandom(seed);
        for (int p = 0; p < rows; p++)
        {
            for (int i = 0; i < n; i++) { panel[(p * stride) + i] = (float)random.NextNormal(); }
        }

        return panel;
    }

    private static double[,] PlainGram(float[] panel, int n, int rows, double scale)
    {
        int stride = RowMatrix.PaddedLength(n);
        double[,] gram = new double[n, n];
        for (int p = 0; p < rows; p++)
        {
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++) { gram[i, j] += scale * panel[(p * stride) + i] * panel[(p * stride) + j]; }
            }
        }

        return gram;
    }

    private static class Widths
    {
        public static float[] Run<TLanes>(float[] panel, int rows, int stride)
            where TLanes : struct, ILanes<TLanes>
        {
            float[] gram = new float[stride * stride];
            GramKernel.AddOuterProducts<TLanes>(
                ref MemoryMarshal.GetArrayDataReference(panel), rows, stride, ref gram[0], stride, 0, stride, 0.5f);
            return gram;
        }
    }
}
