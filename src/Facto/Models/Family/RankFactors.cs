namespace Facto.Models.Family;

/// <summary>C ≈ A·B with as few columns of A as C's rank, by elimination with complete pivoting: what is left under the tolerance is
/// rounding.</summary>
/// <param name="Left">A, rows × rank.</param>
/// <param name="Right">B, rank × columns.</param>
internal sealed record RankFactors(double[,] Left, double[,] Right)
{
    /// <summary>Of the largest element: weights are floats, so what is smaller says nothing.</summary>
    private const double Tolerance = 2e-7;

    public int Rank => Right.GetLength(0);

    public static RankFactors Of(double[,] matrix)
    {
        int m = matrix.GetLength(0), n = matrix.GetLength(1);
        var left = (double[,])matrix.Clone();
        var columns = new List<double[]>();
        var rows = new List<double[]>();
        double largest = left.Cast<double>().Select(Math.Abs).DefaultIfEmpty(0).Max();
        while (rows.Count < Math.Min(m, n))
        {
            (int p, int q) = Pivot(left);
            if (Math.Abs(left[p, q]) <= Tolerance * largest) { break; }
            double pivot = left[p, q];
            double[] column = [.. Enumerable.Range(0, m).Select(i => left[i, q] / pivot)], row = [.. Enumerable.Range(0,
                n).Select(j => left[p, j])];
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++) { left[i, j] = i == p || j == q ? 0 : left[i, j] - (column[i] * row[j]); }
            }

            columns.Add(column);
            rows.Add(row);
        }

        var a = new double[m, rows.Count];
        var b = new double[rows.Count, n];
        for (int r = 0; r < rows.Count; r++)
        {
            for (int i = 0; i < m; i++) { a[i, r] = columns[r][i]; }
            for (int j = 0; j < n; j++) { b[r, j] = rows[r][j]; }
        }

        return new RankFactors(a, b);
    }

    private static (int Row, int Column) Pivot(double[,] matrix)
    {
        (int p, int q) = (0, 0);
        for (int i = 0; i < matrix.GetLength(0); i++)
        {
            for (int j = 0; j < matrix.GetLength(1); j++)
            {
                if (Math.Abs(matrix[i, j]) > Math.Abs(matrix[p, q])) { (p, q) = (i, j); }
            }
        }

        return (p, q);
    }
}
