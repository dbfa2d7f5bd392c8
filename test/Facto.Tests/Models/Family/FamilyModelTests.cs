using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Tests.Oracles;

namespace Facto.Tests.Models.Family;

public class FamilyModelTests
{
    private static readonly (int, FieldSide)[] Fields = [(6, FieldSide.User), (3, FieldSide.User), (2, FieldSide.Context), (9,
        FieldSide.Item), (4, FieldSide.Item)];

    [Fact]
    public void Score_equals_the_sum_over_pairs_and_triples() => Sample((model, user, context, item) =>
    {
        List<(int, float)> x = NaiveFm.Join(user, context, item);
        Assert.Equal(NaiveFamily.Score(model, x), model.Score(user.Row, context.Row, item.Row), 1e-5 * NaiveFamily.Magnitude(model, x));
    });

    [Fact]
    public void Score_equals_user_term_plus_inner_product_for_every_split_of_the_fields() => Sample((model, user, context, item) =>
    {
        float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
        float userTerm = model.ProjectUser(user.Row, context.Row, u);
        model.ProjectItem(item.Row, i);
        List<(int, float)> x = NaiveFm.Join(user, context, item);
        Assert.Equal(NaiveFamily.Score(model, x), userTerm + VectorOps.Dot(u, i), 2e-5 * NaiveFamily.Magnitude(model, x));
        Assert.Equal(1, u[0]);
        Assert.True(model.VectorDimension <= model.FullVectorDimension, $"{model.VectorDimension} of {model.FullVectorDimension}");
    });

    [Fact]
    public void Terms_are_exact_and_sum_to_the_score() => Sample((model, user, context, item) =>
    {
        List<ScoreTerm> terms = Explainer.Terms(model, user.Row, context.Row, item.Row, out int across);
        List<(int, float)> x = NaiveFm.Join(user, context, item);
        double magnitude = NaiveFamily.Magnitude(model, x);
        Assert.Equal(NaiveFamily.Score(model, x), terms.Sum(t => (double)t.Value), 1e-5 * magnitude);
        HashSet<int> items = [.. item.Pairs.Select(p => p.Feature)];
        Assert.All(terms.TakeLast(across), t => Assert.NotEqual(items.Contains(t.First), items.Contains(t.Third >= 0
            ? t.Third : t.Second)));
        float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
        model.ProjectUser(user.Row, context.Row, u);
        model.ProjectItem(item.Row, i);
        Assert.Equal(VectorOps.Dot(u.AsSpan(1), i.AsSpan(1)), terms.TakeLast(across).Sum(t => (double)t.Value), 2e-5 * magnitude);
    });

    [Fact]
    public void A_bag_tied_to_the_item_ids_keeps_the_identity()
    {
        var random = new SeededRandom(5);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            var schema = new FeatureSchema(
            [
                Named("user", FieldSide.User, 5), Named("item", FieldSide.Item, 7), Named("genre", FieldSide.Item, 3),
                new Field { Spec = new FieldSpec { Name = "history", Side = FieldSide.User, Kind = FieldKind.Bag, Tied = true },
                    Count = 0 },
            ]);
            FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 4), schema, ref random);
            SparseRowCopy user = new([(2, 1f), (5, 0.5f), (7, 0.5f)]), item = new([(7, 1f), (13, 1f)]), context = new([]);
            float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
            float term = model.ProjectUser(user.Row, default, u);
            model.ProjectItem(item.Row, i);
            List<(int, float)> x = NaiveFm.Join(user, context, item);
            Assert.Equal(NaiveFamily.Score(model, x), term + VectorOps.Dot(u, i), 2e-5 * NaiveFamily.Magnitude(model, x));
        }
    }

    [Fact]
    public void A_feature_on_the_wrong_side_is_refused_by_name()
    {
        var random = new SeededRandom(6);
        FeatureSchema schema = FamilyWorld.Schema(Fields);
        foreach (ModelFamily family in FamilyWorld.Members.Where(f => f != ModelFamily.Fm3))
        {
            FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 4), schema, ref random);
            float[] vector = new float[model.VectorDimension];
            int[] wrong = [schema.Find("f3")!.Offset + 1];
            FactoException error = Assert.Throws<FactoException>(() => model.ProjectUser(new SparseRow(wrong, default), default, vector));
            Assert.Contains("f3=f3v1", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Scoring_and_projecting_allocate_nothing()
    {
        var random = new SeededRandom(7);
        FeatureSchema schema = FamilyWorld.Schema(Fields);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 8), schema, ref random);
            SparseRowCopy user = FamilyWorld.Row(schema, FieldSide.User, ref random), context = FamilyWorld.Row(schema, FieldSide.Context,
                ref random), item = FamilyWorld.Row(schema, FieldSide.Item, ref random);
            float[] vector = new float[model.VectorDimension];
            Work();
            Assert.Equal(0, Allocation.Of(Work));

            void Work()
            {
                for (int r = 0; r < 100; r++)
                {
                    model.Score(user.Row, context.Row, item.Row);
                    model.ProjectUser(user.Row, context.Row, vector);
                    model.ProjectItem(item.Row, vector);
                }
            }
        }
    }

    [Fact]
    public void A_saved_model_opens_with_the_same_scores_and_names()
    {
        var random = new SeededRandom(8);
        FeatureSchema schema = FamilyWorld.Schema(Fields);
        using var folder = new TemporaryFolder();
        foreach (FamilyShape shape in FamilyWorld.Members.Select(f => FamilyWorld.Shape(f, 5)).Append(FamilyWorld.Shape(ModelFamily.Fm3, 5,
            5, true)))
        {
            FamilyModel model = FamilyWorld.Model(shape, schema, ref random, LearningTask.Binary);
            SparseRowCopy user = FamilyWorld.Row(schema, FieldSide.User, ref random), context = FamilyWorld.Row(schema, FieldSide.Context,
                ref random), item = FamilyWorld.Row(schema, FieldSide.Item, ref random);
            ModelFile.Save(model, folder.File("model.facto"));
            var opened = (FamilyModel)ModelFile.Open(folder.File("model.facto"));
            Assert.Equal(model.Score(user.Row, context.Row, item.Row), opened.Score(user.Row, context.Row, item.Row));
            Assert.Equal((model.MinLabel, model.Task, model.Shape, model.VectorDimension), (opened.MinLabel, opened.Task, opened.Shape,
                opened.VectorDimension));
            Assert.Equal("f3=f3v2", opened.Schema.Describe(opened.Schema.Find("f3")!.Offset + 2));
        }
    }

    [Fact]
    public void A_damaged_model_gives_one_clear_error_wherever_the_damage_is()
    {
        var random = new SeededRandom(9);
        FeatureSchema schema = FamilyWorld.Schema(Fields);
        using var folder = new TemporaryFolder();
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            ModelFile.Save(FamilyWorld.Model(FamilyWorld.Shape(family, 3), schema, ref random), folder.File("model.facto"));
            CorruptionChecks.EveryDamageIsReported(folder.File("model.facto"), path => ModelFile.Open(path), randomFlips: 100);
        }
    }

    private static Field Named(string name, FieldSide side, int count) => new()
    {
        Spec = new FieldSpec { Name = name, Side = side },
        Count = count,
        Vocabulary = new Vocabulary(Enumerable.Range(0, count).Select(v => $"{name}{v}")),
    };

    private static void Sample(Action<FamilyModel, SparseRowCopy, SparseRowCopy, SparseRowCopy> check) => FamilyWorld.Worlds.Sample(world =>
    {
        var random = new SeededRandom(world.Seed);
        FeatureSchema schema = FamilyWorld.Schema(world.Fields);
        FamilyModel model = FamilyWorld.Model(world.Shape, schema, ref random);
        check(model, FamilyWorld.Row(schema, FieldSide.User, ref random), FamilyWorld.Row(schema, FieldSide.Context, ref random),
            FamilyWorld.Row(schema, FieldSide.Item, ref random));
    });
}
