using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// One side of the catalogue, contexts or items: the rows' features X both ways round, the rows' weights m in the sum over all pairs,
/// and what the model makes of a row: s_c = Σ_l x_cl v_l and its own term a_c = Σ_l x_cl w_l + ½(‖s_c‖² − Σ_l ‖x_cl v_l‖²).
/// </summary>
internal sealed class CatalogueSide : IDisposable
{
    private readonly SparseRows _rows;   // (rows, features)

    /// <param name="schema">Whose features the rows have.</param>
    /// <param name="rows">X.</param>
    /// <param name="weights">m_c, one per row, or null when all are 1.</param>
    /// <param name="factors">k.</param>
    public CatalogueSide(FeatureSchema schema, SparseRows rows, NativeBlock<float>? weights, int factors)
    {
        _rows = rows;
        Weights = weights;
        Sums = new RowMatrix(rows.RowCount, factors);
        OwnTerms = new NativeBlock<float>((long)rows.RowCount);
        (FeatureOffsets, FeatureRows, FeatureValues) = Transpose(rows, schema.FeatureCount);
        Fields = [
            .. schema.Fields.Select(f => Inspect(f.Offset, f.Offset + f.Count))
            .Where(f => FeatureOffsets[f.End] > FeatureOffsets[f.First])];
    }

    public int RowCount => _rows.RowCount;

    /// <summary>s, one padded row of k floats per row.</summary>
    public RowMatrix Sums { get; }

    /// <summary>a.</summary>
    public NativeBlock<float> OwnTerms { get; }

    /// <summary>m; null when all are 1.</summary>
    public NativeBlock<float>? Weights { get; }

    /// <summary>The fields that occur in the rows, in schema order.</summary>
    public SideField[] Fields { get; }

    /// <summary>Feature l is in the rows FeatureRows[FeatureOffsets[l] … FeatureOffsets[l+1]−1], with value x.</summary>
    public NativeBlock<long> FeatureOffsets { get; }

    public NativeBlock<int> FeatureRows { get; }

    public NativeBlock<float> FeatureValues { get; }

    /// <summary>True when every row is one id and nothing else: plain matrix factorization.</summary>
    public bool IsPlainIds => Fields is [{ IsIdentity: true }];

    public float Weight(int row) => Weights is null ? 1f : Weights[row];

    /// <summary>Σ_c m_c.</summary>
    public double TotalWeight()
    {
        double total = 0;
        for (int c = 0; c < RowCount; c++) { total += Weight(c); }
        return total;
    }

    /// <summary>s and a of every row, afresh from the model.</summary>
    public void Recompute(FmModel model, SweepScratch[] workers, CancellationToken cancellation) =>
        RowParallel.Run(RowCount, 256, workers, (first, end, _) =>
        {
            for (int c = first; c < end; c++)
            {
                if (IsPlainIds)
                {
                    CopyId(model, c);
                    continue;
                }

                var sum = new FmSum(Sums.Row(c));
                sum.Add(model, _rows[c]);
                OwnTerms[c] = (float)sum.OwnTerm();
            }
        }, cancellation);

    /// <summary>The only feature of every row and its value, for <see cref="IsPlainIds"/>.</summary>
    public (int Feature, float Value) SingleFeature(int row)
    {
        SparseRow features = _rows[row];
        return features.Count == 0 ? (-1, 1f) : (features.Features[0], features.Value(0));
    }

    public void Dispose() => Sums.Dispose();

    // An id alone has no pair term.
    private void CopyId(FmModel model, int c)
    {
        (int feature, float x) = SingleFeature(c);
        if (feature < 0) { return; }
        ReadOnlySpan<float> v = model.Factors.Row(feature);
        Span<float> s = Sums.Row(c);
        for (int f = 0; f < s.Length; f++) { s[f] = x * v[f]; }
        OwnTerms[c] = x * model.Linear[feature];
    }

    private SideField Inspect(int first, int end)
    {
        var last = new int[RowCount];
        bool oneHot = true, identity = true;
        for (int l = first; l < end; l++)
        {
            long start = FeatureOffsets[l], stop = FeatureOffsets[l + 1L];
            identity &= stop - start <= 1;
            for (long i = start; i < stop; i++) { oneHot &= ++last[FeatureRows[i]] == 1; }
        }

        return new SideField(first, end, oneHot, oneHot && identity);
    }

    private static (NativeBlock<long> Offsets, NativeBlock<int> Rows, NativeBlock<float> Values) Transpose(
        SparseRows rows, int featureCount)
    {
        var offsets = new NativeBlock<long>(featureCount + 1L);
        for (int r = 0; r < rows.RowCount; r++)
        {
            foreach (int feature in rows[r].Features) { offsets[feature + 1L]++; }
        }

        for (int l = 0; l < featureCount; l++) { offsets[l + 1L] += offsets[l]; }
        long[] next = offsets.Span[..featureCount].ToArray();
        var featureRows = new NativeBlock<int>(rows.NonZeroCount);
        var values = new NativeBlock<float>(rows.NonZeroCount);
        for (int r = 0; r < rows.RowCount; r++)
        {
            SparseRow row = rows[r];
            for (int i = 0; i < row.Count; i++)
            {
                long at = next[row.Features[i]]++;
                featureRows[at] = r;
                values[at] = row.Value(i);
            }
        }

        return (offsets, featureRows, values);
    }
}
