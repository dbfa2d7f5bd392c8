using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Tests.Oracles;

namespace Facto.Tests.Models.Family;

/// <summary>How many floats a member needs: the textbook's dimension, and what a smaller vector without loss takes.</summary>
public class VectorDimensionTests
{
    [Theory]
    [InlineData(ModelFamily.Ffm, 1 + (3 * 2 * 4))]   // every pair of fields has k floats
    [InlineData(ModelFamily.Fmfm, 1 + (2 * 4))]      // k per field of the side with fewer
    [InlineData(ModelFamily.Fm3, 1 + 4 + (2 * 3))]   // k for pairs, twice the factors of triples
    public void Fields_of_many_features_take_the_dimension_of_the_textbook(ModelFamily family, int dimension)
    {
        var random = new SeededRandom(1);
        FeatureSchema schema = FamilyWorld.Schema([(90, FieldSide.User), (90, FieldSide.User), (90, FieldSide.Context), (90,
            FieldSide.Item), (90, FieldSide.Item)]);
        FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 4), schema, ref random);
        Assert.Equal((dimension, dimension), (model.VectorDimension, model.FullVectorDimension));
    }

    [Fact]
    public void Fields_of_few_features_share_a_block_for_all_that_they_meet()
    {
        var random = new SeededRandom(1);
        FeatureSchema schema = FamilyWorld.Schema([(90, FieldSide.User), (3, FieldSide.User), (2, FieldSide.Context), (90, FieldSide.Item),
            (90, FieldSide.Item)]);
        Assert.Equal(1 + (2 * 8) + 3 + 2, FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Ffm, 8), schema, ref random).VectorDimension);
        Assert.Equal(1 + 8 + 3 + 2, FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Fmfm, 8), FamilyWorld.Schema(
            [(90, FieldSide.User), (3, FieldSide.User), (2, FieldSide.Context), (90, FieldSide.Item), (90, FieldSide.Item), (90,
                FieldSide.Item)]), ref random).VectorDimension);
        Assert.Equal(1 + (2 * 8), FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Fm3, 8, shared: true), schema,
            ref random).VectorDimension);
    }

    [Fact]
    public void Field_weights_of_low_rank_take_k_floats_per_rank_and_keep_the_scores()
    {
        var random = new SeededRandom(3);
        (int, FieldSide)[] fields = [.. Enumerable.Repeat((20, FieldSide.User), 5), .. Enumerable.Repeat((20, FieldSide.Item), 4)];
        FeatureSchema schema = FamilyWorld.Schema(fields);
        FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Fwfm, 6), schema, ref random);
        var coupling = new FieldCoupling(model.Shape, 9, model.Numbers.Coupling);
        for (int a = 0; a < 5; a++)
        {
            for (int b = 5; b < 9; b++)
            {
                coupling.Of(a, b)[0] = (float)(((a + 1) * (b - 3)) + ((a - 2) * (b % 3))) / 8;
            }   // two outer products, exact as floats
        }

        model = FamilyModel.Create(model.Shape, schema, LearningTask.Regression, model.Numbers);
        Assert.Equal((1 + (2 * 6), 1 + (4 * 6)), (model.VectorDimension, model.FullVectorDimension));
        SparseRowCopy user = FamilyWorld.Row(schema, FieldSide.User, ref random), item = FamilyWorld.Row(schema, FieldSide.Item,
            ref random);
        float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
        float term = model.ProjectUser(user.Row, default, u);
        model.ProjectItem(item.Row, i);
        Assert.Equal(model.Score(user.Row, default, item.Row), term + VectorOps.Dot(u, i), 1e-3);
    }

    [Fact]
    public void The_cover_is_the_cheapest_of_all() => Gen.Select(Gen.Int[0, 9].Array[0, 4], Gen.Int[0, 9].Array[0, 4], Gen.Int[0,
        9]).Sample((user, item, pair) =>
    {
        FieldCover cover = FieldCover.Of(user, item, pair);
        Assert.Equal(Cost(user, item, pair, cover.User, cover.Item), cover.Dimension);
        int least = int.MaxValue;
        for (int bits = 0; bits < 1 << (user.Length + item.Length); bits++)
        {
            bool[] chosen = [.. Enumerable.Range(0, user.Length + item.Length).Select(i => (bits >> i & 1) == 1)];
            least = Math.Min(least, Cost(user, item, pair, chosen[..user.Length], chosen[user.Length..]));
        }

        Assert.Equal(least, cover.Dimension);
    });

    private static int Cost(int[] user, int[] item, int pair, bool[] u, bool[] i) =>
        user.Where((_, a) => u[a]).Sum() + item.Where((_, b) => i[b]).Sum() + (u.Count(c => !c) * i.Count(c => !c) * pair);
}
