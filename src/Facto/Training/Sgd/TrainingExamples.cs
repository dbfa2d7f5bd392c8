using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// The training examples in a random visiting order: labels, weights and, when every example has exactly one feature of value 1 in each of
/// the same columns, the features as a table of ints. Passes visit chunks of this order in an order of their own, so that memory is read in
/// long runs and no two passes are alike.
/// </summary>
internal sealed unsafe class TrainingExamples
{
    /// <summary>Examples that stay together.</summary>
    public const int ChunkSize = 512;

    private readonly NativeBlock<int> _order;
    private readonly NativeBlock<float> _labels;
    private readonly NativeBlock<float>? _weights;
    private readonly NativeBlock<int>? _table;

    public TrainingExamples(Dataset data, ulong seed)
    {
        Reader = new ExampleReader(data);
        Count = data.Count;
        _order = new NativeBlock<int>(Count);
        for (int i = 0; i < Count; i++) { _order.Pointer[i] = i; }
        new SeededRandom(seed, RandomStreams.VisitingOrder).Shuffle(_order.Span);
        _labels = Gather(data.Interactions.Labels)!;
        _weights = Gather(data.Interactions.Weights);
        if (Reader.IsBinary && Reader.FixedWidth >= 0)
        {
            _table = new NativeBlock<int>((long)Count * Width);
            for (int i = 0; i < Count; i++) { Reader.Gather(_order.Pointer[i], _table.Pointer + ((long)i * Width), null); }
            ColumnFields = FindColumnFields(data.Schema);
        }
        else if (data.IsFlat)
        {
            // Visited in random order, a large file would cost a memory latency per example and array.
            Reader = new ExampleReader(InVisitingOrder(data));
            RowsAreOrdered = true;
        }
    }

    public ExampleReader Reader { get; }

    public int Count { get; }

    public int ChunkCount => (Count + ChunkSize - 1) / ChunkSize;

    /// <summary>Columns of <see cref="Table"/>.</summary>
    public int Width => Reader.FixedWidth;

    /// <summary>True when <see cref="Reader"/> holds the examples in the visiting order already.</summary>
    public bool RowsAreOrdered { get; }

    /// <summary>The dataset's example at each position.</summary>
    public int* Order => _order.Pointer;

    public float* Labels => _labels.Pointer;

    public float* Weights => _weights is null ? null : _weights.Pointer;

    public NativeBlock<float>? WeightBlock => _weights;

    /// <summary>Features by position, <see cref="Width"/> each; null when examples differ in width or have values.</summary>
    public int* Table => _table is null ? null : _table.Pointer;

    /// <summary>The field of each column of <see cref="Table"/>; null when a column holds more than one.</summary>
    public int[]? ColumnFields { get; }

    /// <summary>Refuses labels that the loss does not take, and weights that are none.</summary>
    /// <exception cref="FactoException">There is one; the sentence says where and what is allowed.</exception>
    public void RequireLabels<TLoss>()
        where TLoss : struct, ILoss
    {
        for (int i = 0; i < Count; i++)
        {
            float label = Labels[i];
            if (!float.IsFinite(label))
            {
                throw new FactoException($"example {Order[i] + 1} has the label {label}; labels must be finite numbers");
            }
            if (!TLoss.Takes(label))
            {
                string what = $"the loss '{TLoss.Name}' of a {TLoss.Task.ToString().ToLowerInvariant()} task needs {TLoss.Labels}";
                throw new FactoException(FormattableString.Invariant($"example {Order[i] + 1} has the label {label}; {what}"));
            }

            if (Weights is not null && !(Weights[i] > 0 && float.IsFinite(Weights[i])))
            {
                throw new FactoException(FormattableString.Invariant(
                    $"example {Order[i] + 1} has the weight {Weights[i]}; weights must be finite and above 0"));
            }
        }
    }

    /// <summary>Renames the hot features in <see cref="Table"/> to the rows of their copies.</summary>
    public void Rename(HotFeatures hot)
    {
        if (_table is null) { return; }
        RowParallel.Run(ChunkCount, 64, new object[Environment.ProcessorCount], (first, end, _) =>
        {
            int* last = Table + (Math.Min((long)Count, (long)end * ChunkSize) * Width);
            for (int* id = Table + ((long)first * ChunkSize * Width); id < last; id++) { *id = hot.RowOf[*id]; }
        });
    }

    private Dataset InVisitingOrder(Dataset data)
    {
        SparseRows rows = data.Contexts!;
        var offsets = new NativeBlock<long>(Count + 1L);
        for (int i = 0; i < Count; i++) { offsets.Pointer[i + 1] = offsets.Pointer[i] + rows.Range(data.ContextRow(Order[i])).Length; }
        var features = new NativeBlock<int>(offsets[Count]);
        NativeBlock<float>? values = rows.IsBinary ? null : new NativeBlock<float>(offsets[Count]);
        for (int i = 0; i < Count; i++)
        {
            SparseRow row = rows[data.ContextRow(Order[i])];
            row.Features.CopyTo(features.Slice(offsets[i], row.Count));
            if (values is not null) { row.Values.CopyTo(values.Slice(offsets[i], row.Count)); }
        }

        return new Dataset(data.Schema, new Interactions { Labels = _labels }, contexts: new SparseRows(Count, offsets, features, values));
    }

    private int[]? FindColumnFields(FeatureSchema schema)
    {
        if (Count == 0) { return new int[Width]; }
        var fields = new int[Width];
        for (int j = 0; j < Width; j++) { fields[j] = schema.FieldIndexOf(Table[j]); }
        for (int j = 0; j < Width; j++)
        {
            int low = schema.Fields[fields[j]].Offset, count = schema.Fields[fields[j]].Count;
            for (int i = 0; i < Count; i++)
            {
                if ((uint)(Table[((long)i * Width) + j] - low) >= (uint)count) { return null; }
            }
        }

        return fields;
    }

    private NativeBlock<float>? Gather(NativeBlock<float>? column)
    {
        if (column is null) { return null; }
        var gathered = new NativeBlock<float>(Count);
        for (int i = 0; i < Count; i++) { gathered.Pointer[i] = column.Pointer[_order.Pointer[i]]; }
        return gathered;
    }
}
