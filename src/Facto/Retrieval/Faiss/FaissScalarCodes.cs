using Facto.Numerics;

namespace Facto.Retrieval.Faiss;

/// <summary>Faiss's 8-bit scalar quantiser: per coordinate x ≈ low + width·(code + ½)/255, code in 0 … 255.</summary>
internal sealed class FaissScalarCodes
{
    public const int EightBit = 0;   // ScalarQuantizer::QT_8bit

    private readonly float[] _lows;
    private readonly float[] _widths;

    private FaissScalarCodes(float[] lows, float[] widths)
    {
        _lows = lows;
        _widths = widths;
    }

    public int Dimension => _lows.Length;

    public static FaissScalarCodes Train(RowMatrix vectors)
    {
        float[] lows = new float[vectors.ColumnCount], highs = new float[vectors.ColumnCount];
        Array.Fill(lows, float.PositiveInfinity);
        Array.Fill(highs, float.NegativeInfinity);
        for (int row = 0; row < vectors.RowCount; row++)
        {
            ReadOnlySpan<float> x = vectors.Row(row);
            for (int d = 0; d < x.Length; d++)
            {
                lows[d] = Math.Min(lows[d], x[d]);
                highs[d] = Math.Max(highs[d], x[d]);
            }
        }

        return new FaissScalarCodes(lows, [.. lows.Zip(highs, (low, high) => high - low)]);
    }

    public static FaissScalarCodes Read(FaissReader reader, int dimension)
    {
        int type = reader.Value<int>();
        reader.Value<int>();     // how the range was found
        reader.Value<float>();
        long codedDimension = reader.Value<long>(), codeSize = reader.Value<long>();
        if (type != EightBit || codedDimension != dimension || codeSize != dimension)
        {
            throw reader.Damaged(
                $"its scalar quantiser has type {type}, {codedDimension} coordinates and {codeSize} bytes; this reader takes 8 bits per "
                    + $"coordinate (SQ8)");
        }

        float[] trained = reader.Vector<float>("the quantiser's ranges", 2L * dimension);
        return new FaissScalarCodes(trained[..dimension], trained[dimension..]);
    }

    public void Write(FaissWriter writer)
    {
        writer.Value(EightBit);
        writer.Value(0);
        writer.Value(0f);
        writer.Value((long)Dimension);
        writer.Value((long)Dimension);
        writer.Vector<float>([.. _lows, .. _widths]);
    }

    public void Encode(ReadOnlySpan<float> x, Span<byte> codes)
    {
        for (int d = 0; d < x.Length; d++)
        {
            codes[d] = _widths[d] > 0 ? (byte)(255 * Math.Clamp((x[d] - _lows[d]) / _widths[d], 0, 1)) : (byte)0;
        }
    }

    public void Decode(ReadOnlySpan<byte> codes, Span<float> x)
    {
        for (int d = 0; d < x.Length; d++) { x[d] = _lows[d] + (_widths[d] * ((codes[d] + 0.5f) / 255f)); }
    }
}
