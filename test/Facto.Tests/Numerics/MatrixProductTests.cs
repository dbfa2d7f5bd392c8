using CsCheck;
using Facto.Numerics;

namespace Facto.Tests.Numerics;

public sealed unsafe class MatrixProductTests
{
    private static readonly Gen<(int M, int N, int P, bool Add, int Seed)> s_shapes =
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 5], Gen.OneOf(Gen.Int[0, 40], Gen.Int[185, 400]), Gen.Bool, Gen.Int[0, 1000]);

    [Fact]
    public void The_product_equals_the_triple_loop_for_every_width_and_either_orientation_of_A()
    {
        s_shapes.Sample(s =>
        {
            (int m, int n, int p) = (s.M, 16 * s.N, s.P);
            using var a = Random(m, p, s.Seed);
            using var at = Random(p, m, s.Seed + 1);
            using var b = Random(p, n, s.Seed + 2);
            foreach (Product product in Products())
            {
                using var c = Random(m, n, s.Seed + 3);
                using var d = Random(m, n, s.Seed + 3);
                product(a.Storage.Pointer, a.Stride, 1, b.Storage.Pointer, b.Stride, c.Storage.Pointer, c.Stride, m, n, p, s.Add);
                product(at.Storage.Pointer, 1, at.Stride, b.Storage.Pointer, b.Stride, d.Storage.Pointer, d.Stride, m, n, p, s.Add);
                using var before = Random(m, n, s.Seed + 3);
                for (int i = 0; i < m; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        double start = s.Add ? before.Row(i)[j] : 0, plain = start, transposed = start;
                        for (int t = 0; t < p; t++)
                        {
                            plain += (double)a.Row(i)[t] * b.Row(t)[j];
                            transposed += (double)at.Row(t)[i] * b.Row(t)[j];
                        }

                        Assert.Equal(plain, c.Row(i)[j], 1e-4);
                        Assert.Equal(transposed, d.Row(i)[j], 1e-4);
                    }
                }
            }
        }, iter: 60);
    }

    [Fact]
    public void Rows_against_rows_equal_their_inner_products_for_every_width()
    {
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 100], Gen.OneOf(Gen.Int[0, 40], Gen.Int[185, 400]), Gen.Int[0, 1000])
            .Sample((m, n, p, seed) =>
        {
            using var a = Random(m, p, seed);
            using var b = Random(n, p, seed + 1);
            using var c = new RowMatrix(m, (n + 31) / 32 * 32);
            foreach (RowsProduct product in RowsProducts())
            {
                product(a.Storage.Pointer, a.Stride, b.Storage.Pointer, b.Stride, c.Storage.Pointer, c.Stride, m, n, p);
                for (int i = 0; i < m; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        double expected = 0;
                        for (int t = 0; t < p; t++) { expected += (double)a.Row(i)[t] * b.Row(j)[t]; }
                        Assert.Equal(expected, c.Row(i)[j], 1e-4);
                    }
                }
            }
        }, iter: 60);
    }

    [Fact]
    public void A_width_that_leaves_part_of_a_vector_is_refused()
    {
        using var x = new RowMatrix(4, 32);
        Assert.Throws<ArgumentException>(
            () => MatrixProduct.Multiply(x.Storage.Pointer, 32, 1, x.Storage.Pointer, 32, x.Storage.Pointer, 32, 1, 17, 1, false));
        Assert.Throws<ArgumentException>(
            () => MatrixProduct.MultiplyTransposed(x.Storage.Pointer, 32, x.Storage.Pointer, 32, x.Storage.Pointer, 16, 1, 17, 1));
    }

    private delegate void Product(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int p, bool add);

    private delegate void RowsProduct(float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int m, int n, int p);

    private static Product[] Products() =>
        [MatrixProduct.Multiply, MatrixProduct.Multiply<Lanes16>, MatrixProduct.Multiply<Lanes8>, MatrixProduct.Multiply<Lanes4>,
            MatrixProduct.Multiply<Lanes1>];

    private static RowsProduct[] RowsProducts() =>
        [MatrixProduct.MultiplyTransposed, MatrixProduct.MultiplyTransposed<Lanes16>, MatrixProduct.MultiplyTransposed<Lanes8>,
            MatrixProduct.MultiplyTransposed<Lanes4>, MatrixProduct.MultiplyTransposed<Lanes1>];

    private static RowMatrix Random(int rows, int columns, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var matrix = new RowMatrix(rows, columns);
        for (int r = 0; r < rows; r++)
        {
            foreach (ref float x in matrix.Row(r)) { x = (2 * random.NextFloat()) - 1; }
        }

        return matrix;
    }
}
