using Facto.Data;
using Facto.Numerics;
using Facto.Training.Bayesian;

namespace Facto.Tests.Training.Bayesian;

public class BlockPlanTests
{
    [Fact]
    public void A_flat_file_of_a_two_sided_log_gets_its_two_blocks_back()
    {
        Dataset twoSided = BayesData.TwoSided(1);
        Block[] blocks = BlockPlan.Build(BayesData.Flat(twoSided));
        Assert.Equal(2, blocks.Length);
        Assert.Equal([0, 1], blocks[0].Fields.Select(f => f.Group));
        Assert.Equal([2, 3], blocks[1].Fields.Select(f => f.Group));
        Assert.Equal(twoSided.Users!.RowCount, blocks[0].RowCount);
    }

    [Fact]
    public void Columns_of_a_bare_file_become_blocks_with_one_prior()
    {
        Block[] blocks = BlockPlan.Build(BayesData.Bare(BayesData.IdsOnly(BayesData.TwoSided(1))));
        Assert.Equal(2, blocks.Length);
        Assert.All(blocks, b => Assert.Equal(0, Assert.Single(b.Fields).Group));
        Assert.All(blocks, b => Assert.True(b.IsIdentity));
    }

    [Fact]
    public void Every_example_is_the_union_of_its_rows()
    {
        Dataset data = BayesData.TwoSided(2, contexts: true);
        foreach (Dataset shape in new[] { data, BayesData.Flat(data), BayesData.Bare(data) })
        {
            Block[] blocks = BlockPlan.Build(shape);
            for (int t = 0; t < shape.Count; t++)
            {
                var found = new List<(int, float)>();
                foreach (Block block in blocks)
                {
                    SparseRow row = block.Rows[block.RowOf[t]];
                    for (int i = 0; i < row.Count; i++) { found.Add((row.Features[i], row.Value(i))); }
                }

                Assert.Equal(BayesData.Active(data, t).Order(), found.Order());
            }
        }
    }

    [Fact]
    public void Examples_are_grouped_by_row_in_their_order()
    {
        int[] keys = [2, 0, 2, 1, 0];
        int[] start = new int[4], order = new int[5];
        Columns.Group(keys, start, order);
        Assert.Equal([0, 2, 3, 5], start);
        Assert.Equal([1, 4, 3, 0, 2], order);
    }

    [Fact]
    public void A_bag_that_shares_the_other_sides_vectors_is_refused()
    {
        var schema = new FeatureSchema(
            [new Field { Spec = new FieldSpec { Name = "user", Side = FieldSide.User }, Count = 1 },
                new Field { Spec = new FieldSpec { Name = "item", Side = FieldSide.Item }, Count = 1 }]);
        SparseRowsBuilder users = new(), items = new();
        users.Add(0);
        users.Add(1);
        users.EndRow();
        items.Add(1);
        items.EndRow();
        var data = new Dataset(
            schema,
            new Interactions { Users = new NativeBlock<int>(1), Items = new NativeBlock<int>(1), Labels = new NativeBlock<float>(1) },
            users.Build(), items.Build());
        Assert.Contains("'item'", Assert.Throws<FactoException>(() => BlockPlan.Build(data)).Message, StringComparison.Ordinal);
    }
}
