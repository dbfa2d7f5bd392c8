using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// The features that very many examples have. Two workers that write the same row wait for each other's cache lines, which costs more than
/// the step itself; so with several workers each has a copy of these rows (<see cref="WorkerCopy{TLoss,TUpdate}"/>), small enough for its
/// second-level cache. All other rows stay shared. Examples name the copies by row numbers from <see cref="FirstRow"/> on.
/// </summary>
internal sealed unsafe class HotFeatures
{
    /// <summary>
    /// Features of a level are merged together; those of the first most often, so that a row is merged after some dozens of its uses.
    /// </summary>
    public const int Levels = 3;

    /// <summary>
    /// Smaller models have no copies: on MovieLens-1M, ids alone and with side features, they brought no speed. Nor has plain SGD, whose
    /// steps do not shrink: it lost quality by them (RMSE 0.906 against 0.892 there, log loss 0.520 against 0.503 on 39 fields), for
    /// features that every example has move together and arrive together, which a rule for each alone does not see. Nor has Adam: merged
    /// moving averages cost it up to 0.03 log loss at large steps.
    /// </summary>
    public const long LeastModelBytes = 2 << 20;

    // Half of today's second-level caches.
    private const long MostBytes = 512 << 10;

    // The examples lie in random order: so many of them tell which features are frequent.
    private const int SampleSize = 1 << 16;

    private readonly NativeBlock<int> _rowOf;
    private readonly int[] _ends = new int[Levels];
    private readonly int[] _intervals = new int[Levels];

    /// <param name="examples">Of which <paramref name="workers"/> workers learn.</param>
    /// <param name="featureCount">Of the schema.</param>
    /// <param name="rowBytes">Of a feature's parameters with their sums.</param>
    /// <param name="workers">≥ 2.</param>
    public HotFeatures(TrainingExamples examples, int featureCount, int rowBytes, int workers)
    {
        FirstRow = RowMatrix.PaddedLength(featureCount);
        _rowOf = new NativeBlock<int>(featureCount);
        for (int i = 0; i < featureCount; i++) { _rowOf.Pointer[i] = i; }
        int sampled = Math.Min(SampleSize, examples.Count);
        using var count = new NativeBlock<int>(featureCount);
        using var squares = new NativeBlock<float>(featureCount);
        Sample(examples, sampled, count.Pointer, squares.Pointer);

        // One use in 1000 examples: rarer rows have mostly left the other worker's cache when they are met again.
        double least = Math.Max(2, 0.001 * sampled);
        var frequent = new List<int>();
        for (int i = 0; i < featureCount; i++)
        {
            if (count.Pointer[i] >= least) { frequent.Add(i); }
        }

        frequent.Sort((a, b) => count.Pointer[a] != count.Pointer[b] ? count.Pointer[b].CompareTo(count.Pointer[a]) : a.CompareTo(b));
        Features = [.. frequent.Take((int)(MostBytes / rowBytes))];
        (Uses, Squares) = (new float[Features.Length], new float[Features.Length]);
        for (int h = 0; h < Features.Length; h++)
        {
            _rowOf.Pointer[Features[h]] = FirstRow + h;
            Squares[h] = squares.Pointer[Features[h]] / sampled;
            Uses[h] = (float)count.Pointer[Features[h]] / sampled;
        }

        int longest = Math.Max(TrainingExamples.ChunkSize, examples.Count / (16 * workers));
        for (int level = 0; level < Levels; level++)
        {
            double rarest = level == Levels - 1 ? 0 : 0.02 * sampled / (1 << (2 * level));
            _ends[level] = Array.FindIndex(Features, i => count.Pointer[i] < rarest) is >= 0 and int end ? end : Features.Length;
            _intervals[level] = Math.Min(longest, 2048 << (2 * level));
        }
    }

    /// <summary>The most frequent first.</summary>
    public int[] Features { get; }

    /// <summary>The share of examples that have each of <see cref="Features"/>.</summary>
    public float[] Uses { get; }

    /// <summary>Mean of weight·x² over all examples, for each of <see cref="Features"/>.</summary>
    public float[] Squares { get; }

    /// <summary>By feature: itself, or <see cref="FirstRow"/> + its place in <see cref="Features"/>.</summary>
    public int* RowOf => _rowOf.Pointer;

    /// <summary>Where the workers' rows begin.</summary>
    public int FirstRow { get; }

    /// <summary>Rows from a worker's copies to the next one's: a whole number of cache lines even for one float per row.</summary>
    public int RowsPerWorker => RowMatrix.PaddedLength(Features.Length);

    /// <summary>The features of a level, as places in <see cref="Features"/>.</summary>
    public Range PlacesOf(int level) => (level == 0 ? 0 : _ends[level - 1]).._ends[level];

    /// <summary>Examples that a worker learns from between two merges of a level.</summary>
    public int IntervalOf(int level) => _intervals[level];

    private static void Sample(TrainingExamples examples, int sampled, int* count, float* squares)
    {
        int most = Math.Max(1, examples.Reader.MaxWidth);
        using var features = new NativeBlock<int>(most);
        using var values = new NativeBlock<float>(most);
        for (int i = 0; i < sampled; i++)
        {
            int position = (int)((long)i * examples.Count / sampled);
            float weight = examples.Weights is null ? 1 : examples.Weights[position];
            int width =
                examples.Reader.Gather(examples.RowsAreOrdered ? position : examples.Order[position], features.Pointer, values.Pointer);
            for (int j = 0; j < width; j++)
            {
                count[features.Pointer[j]]++;
                squares[features.Pointer[j]] += weight * values.Pointer[j] * values.Pointer[j];
            }
        }
    }
}
