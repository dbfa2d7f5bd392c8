using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Numerics;

/// <summary>A span of memory of our own keeps it: nothing else has to, and what frees memory does not read.</summary>
public class SpanLifetimeTests
{
    private const int Length = 100_000;

    [Theory]
    [InlineData("block")]
    [InlineData("slice")]
    [InlineData("reference")]
    [InlineData("row")]
    [InlineData("padded row")]
    [InlineData("list")]
    [InlineData("disposed")]
    [InlineData("huge")]
    public void A_span_still_reads_what_was_written_after_its_owner_is_gone(string kind)
    {
        for (int round = 0; round < 5; round++)
        {
            Span<float> span = Taken(kind);
            for (int other = 0; other < 10; other++) { Overwrite(); }
            Assert.Equal(-1, span.IndexOfAnyExcept(7f));
        }
    }

    [Fact]
    public void A_copied_row_is_right_whenever_the_matrix_is_collected()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("v.facto");
        using (var rows = new RowMatrix(50, 300))
        {
            for (int row = 0; row < 50; row++) { rows.Row(row).Fill(7); }
            VectorTableFile.Save(new VectorTable(rows, null), path);
        }

        var values = new float[300];
        for (int round = 0; round < 20; round++)
        {
            CopyOfMapped(path, round, values);
            Overwrite();
            Assert.Equal(-1, values.AsSpan().IndexOfAnyExcept(7f));
        }
    }

    [Fact]
    public void Blocks_are_aligned_zeroed_and_readable_a_vector_beyond_their_end()
    {
        foreach (long length in new long[] { 0, 1, 15, 16, 17, 1000, 3_000_000 })
        {
            var block = new NativeBlock<float>(length);
            Check(block);
            Assert.Equal(length, block.Length);
            Assert.Equal(-1, block.Span.IndexOfAnyExcept(0f));
        }

        static unsafe void Check(NativeBlock<float> block)
        {
            Assert.Equal(0, (long)block.Pointer % 64);
            float sum = 0;
            for (int i = 0; i < 16; i++) { sum += block.Pointer[block.Length + i]; }
            Assert.Equal(0, sum);
            GC.KeepAlive(block);
        }
    }

    // The owner is unreachable when this returns.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe Span<float> Taken(string kind)
    {
        switch (kind)
        {
            case "row" or "padded row":
                var matrix = new RowMatrix(3, Length);
                matrix.PaddedRow(1).Fill(7);
                return kind == "row" ? matrix.Row(1) : matrix.PaddedRow(1);
            case "list":
                using (var list = new NativeList<float>())
                {
                    list.AddRepeated(7, Length);
                    return list.ToBlock().Span;
                }

            case "disposed":
                using (var block = new NativeBlock<float>(Length))
                {
                    block.Span.Fill(7);
                    return block.Span;
                }

            default:
                var own = new NativeBlock<float>(kind == "huge" ? 5_000_000 : Length);
                own.Span.Fill(7);
                return kind == "slice"
                    ? own.Slice(5, Length - 10)
                    : kind == "reference" ? System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref own.Ref, Length) : own.Span;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyOfMapped(string path, int row, Span<float> values) => VectorTableFile.Open(path).Vectors.CopyRow(row, values);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Overwrite()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        var other = new NativeBlock<float>(Length);
        other.Span.Fill(-1);
    }
}
