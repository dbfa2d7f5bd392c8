using Facto.Data;
using Facto.Models;
using Facto.Tests.Oracles;
using Facto.Training;

namespace Facto.Tests.Training.WholeCatalogue;

public sealed class IcdSolverTests
{
    private const double Alpha = 0.3;

    // Ids, a one-hot field, a bag with fractional values and a numeric field on the users' side, an hour and a number per context, genres
    // per item.
    [Theory]
    [InlineData(4, 0, 1)]
    [InlineData(4, 0.5, 2)]
    [InlineData(19, 0, 2)]
    public void A_pass_over_any_features_is_the_pass_of_explicit_sums_over_all_pairs(int factors, double popularity, int threads)
    {
        Dataset data = CatalogueData.WithFeatures(seed: 5);
        using ISolver solver = Start(data, factors, threads, ("popularity-exponent", popularity), ("block", 16));
        NaiveWholeCatalogue naive = Naive(solver, data, popularity);
        (double[] ridge, double[] linearRidge) = Ridges(naive, data);
        for (int pass = 1; pass <= 2; pass++)
        {
            double loss = solver.RunEpoch(pass, CancellationToken.None).Loss;
            double middle = NaivePass(naive, data, ridge, linearRidge);
            AssertSame(naive, (FmModel)solver.Snapshot(), 2e-3);
            Assert.Equal(
                middle / data.Interactions.Weights!.Span.ToArray().Where((_, i) => data.Interactions.Labels[i] > 0).Sum(), loss,
                1e-4 * loss);
        }

        Assert.InRange(naive.WorstRise, double.NegativeInfinity, 1e-12);
    }

    [Theory]
    [InlineData(5, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(24, 1, true)]
    public void A_pass_over_ids_is_the_pass_of_explicit_sums_over_all_pairs(int factors, int threads, bool linear)
    {
        Dataset data = CatalogueData.Ids(seed: 6);
        using ISolver solver = Start(data, factors, threads, ("linear", linear ? 1 : 0), ("block", 16));
        NaiveWholeCatalogue naive = Naive(solver, data, 0);
        (double[] ridge, double[] linearRidge) = Ridges(naive, data);
        for (int pass = 1; pass <= 2; pass++)
        {
            _ = solver.RunEpoch(pass, CancellationToken.None);
            for (int l = 0; l < data.Schema.FeatureCount; l++)
            {
                for (int from = 0; from < factors; from += 16)
                {
                    naive.Step(l, from, Math.Min(from + 16, factors), linear, true, ridge, linearRidge);
                }
            }

            AssertSame(naive, (FmModel)solver.Snapshot(), 2e-3);
        }

        Assert.InRange(naive.WorstRise, double.NegativeInfinity, 1e-12);
    }

    // Hu, Koren and Volinsky 2008 as it is written: s_u = (Σ r rᵀ + α₀ Σ_all r rᵀ + λ(|S_u| + α₀|I|) I)⁻¹ Σ r. The last item, which nobody
    // met, does not count in |I|.
    [Fact]
    public void Ids_without_linear_weights_are_plain_alternating_least_squares()
    {
        const int K = 6;
        Dataset data = CatalogueData.Ids(seed: 8, weighted: false);
        using ISolver solver = Start(data, K, 1, ("linear", 0));
        var before = (FmModel)solver.Snapshot();
        _ = solver.RunEpoch(1, CancellationToken.None);
        var after = (FmModel)solver.Snapshot();
        int users = data.Users!.RowCount, items = data.Items!.RowCount;
        for (int u = 0; u < users; u++)
        {
            int[] chosen = [
                .. Enumerable.Range(0, data.Count).Where(i => data.Interactions.Users![i] == u && data.Interactions.Labels[i] > 0)
                .Select(i => data.Interactions.Items![i])];
            if (chosen.Length == 0) { continue; }
            double[,] a = new double[K, K];
            double[] b = new double[K];
            for (int t = 0; t < items; t++)
            {
                float[] r = before.Factors.Row(users + t).ToArray();
                int times = chosen.Count(c => c == t);
                for (int f = 0; f < K; f++)
                {
                    b[f] += times * r[f];
                    for (int g = 0; g < K; g++) { a[f, g] += (times + Alpha) * r[f] * r[g]; }
                }
            }

            for (int f = 0; f < K; f++) { a[f, f] += 0.05 * (chosen.Length + (Alpha * (items - 1))); }
            double[] s = LinearSystem.Solve(a, b);
            for (int f = 0; f < K; f++) { Assert.Equal(s[f], after.Factors.Row(u)[f], 1e-4); }
        }
    }

    [Fact]
    public void Every_pass_lowers_the_objective()
    {
        foreach (Dataset data in (Dataset[])[CatalogueData.WithFeatures(seed: 9), CatalogueData.Ids(seed: 9)])
        {
            using ISolver solver = Start(data, 7, 1);
            double last = double.PositiveInfinity;
            for (int pass = 1; pass <= 8; pass++)
            {
                NaiveWholeCatalogue naive = Naive(solver, data, 0);
                (double[] ridge, double[] linearRidge) = Ridges(naive, data);
                double objective = naive.Objective(ridge, linearRidge);
                Assert.InRange(objective, 0, last * (1 + 1e-6));
                last = objective;
                _ = solver.RunEpoch(pass, CancellationToken.None);
            }
        }
    }

    [Fact]
    public void Workers_do_not_change_a_byte_and_a_restored_state_goes_on_to_the_same_bytes()
    {
        Dataset data = CatalogueData.WithFeatures(seed: 10);
        using ISolver one = Start(data, 20, 1), three = Start(data, 20, 3), restored = Start(data, 20, 1);
        _ = one.RunEpoch(1, CancellationToken.None);
        _ = three.RunEpoch(1, CancellationToken.None);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "state");
        using (var writer = new ArtefactWriter(path, ArtefactKind.Checkpoint, 1))
        {
            one.SaveState(writer);
            writer.Commit();
        }

        using (var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, 1)) { restored.LoadState(reader); }
        double expected = one.RunEpoch(2, CancellationToken.None).Loss;
        Assert.Equal(expected, three.RunEpoch(2, CancellationToken.None).Loss);
        Assert.Equal(expected, restored.RunEpoch(2, CancellationToken.None).Loss);
        Assert.Equal(Bytes(one), Bytes(three));
        Assert.Equal(Bytes(one), Bytes(restored));
    }

    [Fact]
    public void What_nobody_met_stays_at_zero_and_a_warm_start_keeps_it()
    {
        Dataset data = CatalogueData.Ids(seed: 11);
        int unseen = data.Users!.RowCount + data.Items!.RowCount - 1;   // the last item is in no positive pair
        using ISolver fresh = Start(data, 4, 1);
        _ = fresh.RunEpoch(1, CancellationToken.None);
        var model = (FmModel)fresh.Snapshot();
        Assert.All(model.Factors.Row(unseen).ToArray(), v => Assert.Equal(0f, v));
        model.Factors.Row(unseen).Fill(0.25f);
        using ISolver warm = Solvers.Find("icd").Create(new TrainingJob(data, Options(4, 1)) { WarmStart = model });
        _ = warm.RunEpoch(1, CancellationToken.None);
        Assert.All(((FmModel)warm.Snapshot()).Factors.Row(unseen).ToArray(), v => Assert.Equal(0.25f, v));
    }

    [Fact]
    public void Wrong_options_and_data_are_refused_in_a_sentence()
    {
        Dataset data = CatalogueData.Ids(seed: 1);
        Assert.Contains("unobserved-weight is 0", Refused(data, Options(4, 1, ("unobserved-weight", 0))), StringComparison.Ordinal);
        Assert.Contains("no option 'alpha'", Refused(data, Options(4, 1, ("alpha", 1))), StringComparison.Ordinal);
        Assert.Contains("block is 20", Refused(data, Options(4, 1, ("block", 20))), StringComparison.Ordinal);
        Assert.Contains("reg-factors is 0", Refused(data, Options(4, 1) with { RegularizationFactors = 0 }), StringComparison.Ordinal);
        Assert.Contains("no sides", Refused(CatalogueData.Flat(), Options(4, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_withheld_diagonal_of_a_checkerboard_comes_first()
    {
        Dataset data = CatalogueData.Checkerboard(24);
        TrainResult result = Trainer.Train(new TrainingJob(data, Options(8, 2) with { Epochs = 15, RegularizationFactors = 0.001f }));
        var model = (FmModel)result.Model;
        for (int u = 0; u < 24; u++)
        {
            var order = Enumerable.Range(0, 24).Where(t => (t % 2 != u % 2) || t == u)
                .OrderByDescending(t => model.Score(data.Users![u], default, data.Items![t]));
            Assert.Equal(u, order.First());   // among what the user has not chosen
        }
    }

    [Fact]
    public void Early_stopping_goes_by_recall_on_the_validation_part()
    {
        Dataset data = CatalogueData.Checkerboard(64);
        int[] train = [.. Enumerable.Range(0, data.Count).Where(i => i % 5 != 0)],
            held = [.. Enumerable.Range(0, data.Count).Where(i => i % 5 == 0)];
        TrainResult result = Trainer.Train(new TrainingJob(data.Select(train), Options(8, 1) with { Epochs = 6 }, data.Select(held)));
        Assert.Equal("recall@20", result.BestValidation!.Value.Name);
        Assert.InRange(result.BestValidation.Value.Value, 0.9, 1);
    }

    private static string Refused(Dataset data, TrainOptions options) =>
        Assert.Throws<FactoException>(() => Solvers.Find("icd").Create(new TrainingJob(data, options))).Message;

    private static TrainOptions Options(int factors, int threads, params (string Name, double Value)[] extra)
    {
        var all = new Dictionary<string, double> { ["unobserved-weight"] = Alpha };
        foreach ((string name, double value) in extra) { all[name] = value; }
        return new TrainOptions
        {
            Task = LearningTask.Ranking,
            Solver = "icd",
            Factors = factors,
            Threads = threads,
            RegularizationFactors = 0.05f,
            RegularizationLinear = all.GetValueOrDefault("linear", 1) == 1 ? 0.02f : null,
            InitStandardDeviation = 0.2f,
            Extra = all
        };
    }

    private static ISolver Start(Dataset data, int factors, int threads, params (string Name, double Value)[] extra) =>
        Solvers.Find("icd").Create(new TrainingJob(data, Options(factors, threads, extra)));

    private static NaiveWholeCatalogue Naive(ISolver solver, Dataset data, double popularity) =>
        new(data, (FmModel)solver.Snapshot(), Alpha, popularity);

    private static (double[] Ridge, double[] LinearRidge) Ridges(NaiveWholeCatalogue naive, Dataset data)
    {
        double[] weights = [.. Enumerable.Range(0, data.Schema.FeatureCount).Select(naive.Weight)];
        return ([.. weights.Select(w => Math.Max(0.05 * w, 1e-6))], [.. weights.Select(w => Math.Max(0.02 * w, 1e-6))]);
    }

    // Contexts, then items: block by block, field by field, first w_l, then v_l. Returns the loss between the two.
    private static double NaivePass(NaiveWholeCatalogue naive, Dataset data, double[] ridge, double[] linearRidge)
    {
        double middle = 0;
        foreach (bool items in (bool[])[false, true])
        {
            if (items) { middle = naive.Loss(); }
            for (int from = 0; from < naive.K; from += 16)
            {
                foreach (Field field in data.Schema.Fields.Where(f => (f.Spec.Side == FieldSide.Item) == items))
                {
                    for (int l = field.Offset; l < field.Offset + field.Count; l++)
                    {
                        if (naive.Weight(l) == 0) { continue; }
                        if (from == 0) { naive.Step(l, 0, 0, linear: true, factors: false, ridge, linearRidge); }
                        naive.Step(l, from, Math.Min(from + 16, naive.K), linear: false, factors: true, ridge, linearRidge);
                    }
                }
            }
        }

        return middle;
    }

    private static void AssertSame(NaiveWholeCatalogue naive, FmModel model, double tolerance)
    {
        for (int l = 0; l < model.Schema.FeatureCount; l++)
        {
            Assert.Equal(naive.Linear[l], model.Linear[l], tolerance);
            for (int f = 0; f < model.FactorCount; f++) { Assert.Equal(naive.Factors[l][f], model.Factors.Row(l)[f], tolerance); }
        }
    }

    private static float[] Bytes(ISolver solver)
    {
        var model = (FmModel)solver.Snapshot();
        return [.. model.Linear.Span, .. Enumerable.Range(0, model.Schema.FeatureCount).SelectMany(l => model.Factors.Row(l).ToArray())];
    }
}
