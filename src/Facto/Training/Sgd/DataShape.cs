using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>What good defaults depend on. The default value stands for few features that many examples have.</summary>
/// <param name="SquaresPerExample">m, the mean of Σx² over examples: the number of features when all values are 1.</param>
/// <param name="FeaturesPerExample">ρ, the number of features that occur over the number of examples: high when most features are
/// rare.</param>
internal readonly record struct DataShape(double SquaresPerExample, double FeaturesPerExample)
{
    // The examples lie in random order: so many tell the mean.
    private const int SampleSize = 1 << 16;

    /// <summary>
    /// Measures the examples and marks in <paramref name="seen"/> (one per feature, 0 before) each feature that occurs with 1.
    /// </summary>
    public static unsafe DataShape Of(TrainingExamples examples, NativeBlock<byte> seen)
    {
        int most = Math.Max(1, examples.Reader.MaxWidth);
        using var features = new NativeBlock<int>(most);
        using var values = new NativeBlock<float>(most);
        byte* mark = seen.Pointer;
        double squares = 0;
        int sampled = Math.Min(SampleSize, examples.Count);
        for (int i = 0; i < examples.Count; i++)
        {
            if (examples.Table is not null)
            {
                int* row = examples.Table + ((long)i * examples.Width);
                for (int j = 0; j < examples.Width; j++) { mark[row[j]] = 1; }
                continue;
            }

            int count = examples.Reader.Gather(examples.RowsAreOrdered ? i : examples.Order[i], features.Pointer, values.Pointer);
            for (int j = 0; j < count; j++) { mark[features.Pointer[j]] = 1; }
            if (i < sampled) { squares += VectorOps.SumOfSquares(values.Span[..count]); }
        }

        long occur = 0;
        foreach (byte one in seen.Span) { occur += one; }
        return new DataShape(
            examples.Table is not null ? examples.Width : squares / Math.Max(1, sampled), (double)occur / Math.Max(1, examples.Count));
    }
}
