namespace Facto.Tests.Oracles;

/// <summary>Gaussian elimination with partial pivoting, in double precision.</summary>
internal static class LinearSystem
{
    /// <summary>x with Ax = b; A and b are left as they are.</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        double[,] a = (double[,])matrix.Clone();
        double[] b = [.. right];
        for (int c = 0; c < n; c++)
        {
            int pivot = Enumerable.Range(c, n - c).MaxBy(r => Math.Abs(a[r, c]));
            for (int j = 0; j < n; j++) { (a[c, j], a[pivot, j]) = (a[pivot, j], a[c, j]); }
            (b[c], b[pivot]) = (b[pivot], b[c]);
            for (int r = 0; r < n; r++)
            {
                if (r == c) { continue; }
                double factor = a[r, c] / a[c, c];
                for (int j = c; j < n; j++) { a[r, j] -= factor * a[c, j]; }
                b[r] -= factor * b[c];
            }
        }

        return [.. b.Select((v, i) => v / a[i, i])];
    }
}
