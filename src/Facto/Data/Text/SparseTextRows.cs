using Facto.Numerics;

namespace Facto.Data.Text;

// The table that the parser fills. Values are kept from the first one that is not 1, offsets from the first row of another width:
// most files need neither, and what is not kept costs no memory traffic.
internal sealed unsafe class SparseTextRows(bool withFields) : IDisposable
{
    public NativeList<int> Features { get; } = new();

    public NativeList<float> Labels { get; } = new();

    public NativeList<float> Values { get; } = new();

    public NativeList<long> Offsets { get; } = new();

    /// <summary>libFFM only: the field of each feature.</summary>
    public NativeList<int> Fields { get; } = new();

    public bool HasFields { get; } = withFields;

    public bool HasValues { get; private set; }

    public bool HasOffsets { get; private set; }

    public long FirstWidth { get; set; } = -1;

    /// <summary>The largest feature number, −1 without any; up to 2³²−1.</summary>
    public long MaxFeature { get; set; } = -1;

    /// <summary>Whether rows begin with a label.</summary>
    public bool HasLabels { get; set; } = true;

    /// <summary>Query ids (qid:7) that were passed over.</summary>
    public long QueryCount { get; set; }

    // The shortest feature is " 1:1", the shortest row "1\n".
    public void Reserve(long bytes)
    {
        long features = (bytes / 4) + 1, rows = (bytes / 2) + 1;
        if (Labels.Count + rows > int.MaxValue) { throw new FactoException($"there are more than {int.MaxValue} rows: split the file"); }
        Features.Reserve(features);
        Labels.Reserve(rows);
        if (HasFields) { Fields.Reserve(features); }
        if (HasValues) { Values.Reserve(features); }
        if (HasOffsets) { Offsets.Reserve(rows + 1); }
    }

    // Called while the kernel is in the middle of a row: n features and r whole rows are written.
    public void KeepValues(long n, long bytesLeft)
    {
        HasValues = true;
        Values.AddRepeated(1f, n);
        Values.Reserve((bytesLeft / 4) + 2);
    }

    public void KeepOffsets(long r, long bytesLeft)
    {
        HasOffsets = true;
        for (long i = 0; i <= r; i++) { Offsets.Add(i * Math.Max(0, FirstWidth)); }
        Offsets.Reserve((bytesLeft / 2) + 2);
    }

    // The kernel wrote so many features and rows behind what was there.
    public void Keep(long n, long r, long largestFeature)
    {
        Features.Count = n;
        Labels.Count = r;
        if (HasFields) { Fields.Count = n; }
        if (HasValues) { Values.Count = n; }
        if (HasOffsets) { Offsets.Count = r + 1; }
        MaxFeature = largestFeature;
    }

    // Reads on at the rate seen so far, so that the lists grow once.
    public void ReserveForRest(double restOverRead)
    {
        Features.Reserve((long)(Features.Count * restOverRead * 1.02));
        Labels.Reserve((long)(Labels.Count * restOverRead * 1.02));
        if (HasFields) { Fields.Reserve((long)(Fields.Count * restOverRead * 1.02)); }
        if (HasValues) { Values.Reserve((long)(Values.Count * restOverRead * 1.02)); }
        if (HasOffsets) { Offsets.Reserve((long)(Offsets.Count * restOverRead * 1.02)); }
    }

    public SparseRows BuildRows()
    {
        // Values may have been kept for a row that turned out bad.
        long firstOther = 0;
        while (firstOther < Values.Count && Values.Pointer[firstOther] == 1f) { firstOther++; }
        return new SparseRows(
            (int)Labels.Count, HasOffsets ? Offsets.ToBlock() : null, Features.ToBlock(),
            firstOther < Values.Count ? Values.ToBlock() : null);
    }

    public void Dispose()
    {
        Features.Dispose();
        Labels.Dispose();
        Values.Dispose();
        Offsets.Dispose();
        Fields.Dispose();
    }
}
