using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;

namespace Facto.Tests.Models;

public class FmModelTests
{
    private static readonly Gen<(int K, ulong Seed, int User, int Context, int Item)> Shapes =
        Gen.Select(Gen.Int[0, 40], Gen.ULong, Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 6]);

    [Fact]
    public void Score_equals_the_double_sum_over_pairs() => Shapes.Sample(shape =>
    {
        (FmModel model, SparseRowCopy user, SparseRowCopy context, SparseRowCopy item) = Example(shape);
        List<(int, float)> x = NaiveFm.Join(user, context, item);
        double expected = NaiveFm.Score(model, x);
        Assert.Equal(expected, model.Score(user.Row, context.Row, item.Row), 1e-6 * NaiveFm.Magnitude(model, x));
    });

    [Fact]
    public void Score_equals_user_term_plus_inner_product() => Shapes.Sample(shape =>
    {
        (FmModel model, SparseRowCopy user, SparseRowCopy context, SparseRowCopy item) = Example(shape);
        float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
        float userTerm = model.ProjectUser(user.Row, context.Row, u);
        model.ProjectItem(item.Row, i);
        List<(int, float)> x = NaiveFm.Join(user, context, item);
        Assert.Equal(NaiveFm.Score(model, x), userTerm + VectorOps.Dot(u, i), 1e-5 * NaiveFm.Magnitude(model, x));
    });

    [Fact]
    public void A_cosine_score_equals_its_definition_and_the_inner_product_of_unit_vectors() => Shapes.Sample(shape =>
    {
        (FmModel model, SparseRowCopy user, SparseRowCopy context, SparseRowCopy item) = Example(shape, Similarity.Cosine);
        float[] u = new float[model.VectorDimension], i = new float[model.VectorDimension];
        float userTerm = model.ProjectUser(user.Row, context.Row, u);
        model.ProjectItem(item.Row, i);
        double expected = NaiveFm.CosineScore(model, NaiveFm.Join(user, context), NaiveFm.Join(item));
        double scale = 1 + Math.Abs(userTerm) + Math.Abs(i[0]);
        Assert.Equal(expected, model.Score(user.Row, context.Row, item.Row), 1e-5 * scale);
        Assert.Equal(expected, userTerm + VectorOps.Dot(u, i), 1e-5 * scale);
        bool any = item.Pairs.Length > 0 && model.FactorCount > 0;
        Assert.Equal(any ? 1 : 0, VectorOps.SumOfSquares(i.AsSpan(1)), 1e-5);
    });

    [Theory]
    [InlineData(nameof(Similarity.Dot))]
    [InlineData(nameof(Similarity.Cosine))]
    public void Scoring_and_projecting_allocate_nothing(string similarityName)
    {
        Similarity similarity = Enum.Parse<Similarity>(similarityName);
        (FmModel model, SparseRowCopy user, SparseRowCopy context, SparseRowCopy item) = Example((16, 3, 4, 2, 5), similarity);
        float[] vector = new float[model.VectorDimension];
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

    [Theory]
    [InlineData(nameof(Similarity.Dot))]
    [InlineData(nameof(Similarity.Cosine))]
    public void A_saved_model_opens_with_the_same_scores_and_names(string similarityName)
    {
        Similarity similarity = Enum.Parse<Similarity>(similarityName);
        (FmModel model, SparseRowCopy user, SparseRowCopy context, SparseRowCopy item) = Example((7, 5, 4, 2, 5), similarity);
        using var folder = new TemporaryFolder();
        FmModelFile.Save(model, folder.File("model.facto"));
        FmModel opened = FmModelFile.Open(folder.File("model.facto"));
        Assert.Equal(model.Score(user.Row, context.Row, item.Row), opened.Score(user.Row, context.Row, item.Row));
        Assert.Equal("item=i3", opened.Schema.Describe(opened.Schema.Find("item")!.Offset + 3));
        Assert.Equal((model.MinLabel, model.Task), (opened.MinLabel, opened.Task));
    }

    [Fact]
    public void A_damaged_model_gives_one_clear_error_wherever_the_damage_is()
    {
        (FmModel model, _, _, _) = Example((3, 5, 4, 2, 5));
        using var folder = new TemporaryFolder();
        FmModelFile.Save(model, folder.File("model.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("model.facto"), path => FmModelFile.Open(path));
    }

    internal static (FmModel Model, SparseRowCopy User, SparseRowCopy Context, SparseRowCopy Item) Example(
        (int K, ulong Seed, int User, int Context, int Item) shape, Similarity similarity = Similarity.Dot)
    {
        var random = new SeededRandom(shape.Seed);
        FeatureSchema schema =
            new([Named("user", FieldSide.User, "u"), Named("hour", FieldSide.Context, "h"), Named("item", FieldSide.Item, "i")]);
        var model = new FmModel(
            schema, LearningTask.Regression, shape.K)
        {
            Bias = (float)random.NextNormal(),
            MinLabel = 1,
            MaxLabel = 5,
            Similarity = similarity
        };
        for (int i = 0; i < schema.FeatureCount; i++)
        {
            model.Linear[i] = (float)random.NextNormal();
            foreach (ref float v in model.Factors.Row(i)) { v = (float)random.NextNormal(); }
        }

        SparseRowCopy user = Row(ref random, shape.User, 0), context = Row(ref random, shape.Context, 10),
            item = Row(ref random, shape.Item, 20);
        return (model, user, context, item);

        static Field Named(string name, FieldSide side, string prefix) => new()
        {
            Spec = new FieldSpec { Name = name, Side = side },
            Count = 10,
            Vocabulary = new Vocabulary(Enumerable.Range(0, 10).Select(i => $"{prefix}{i}")),
        };
    }

    private static SparseRowCopy Row(ref SeededRandom random, int count, int offset)
    {
        var pairs = new (int, float)[count];
        bool ones = random.NextInt(2) == 0;
        for (int i = 0; i < count; i++) { pairs[i] = (offset + i, ones ? 1f : (float)random.NextNormal()); }
        return new SparseRowCopy(pairs);
    }
}
