using Facto.Models;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Tests.FrontDoor;

public sealed class FitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(int User, int Item, int Stars)> Ratings() =>
        from u in Enumerable.Range(0, 30)
        from n in Enumerable.Range(0, 8)
        let i =
            (u + (5 * n)) % 20
        select (u, i, 1 + (((u % 3) + (i % 3)) % 5));

    private static DatasetBuilder<(int User, int Item, int Stars)> From() => Dataset.From(Ratings(), r => r.User, r => r.Item);

    [Fact]
    public void Objective_and_solver_follow_the_labels_and_are_shown()
    {
        FactorizationMachine ranking = FactorizationMachine.Fit(From().Build(), cancellationToken: Stop);
        Assert.Equal(("ranking", "icd"), (ranking.Settings["task"], ranking.Settings["solver"]));
        Assert.Contains("no labels", ranking.Settings.Reasons[0], StringComparison.Ordinal);
        Assert.Contains("solver  ", ranking.Settings.ToString(), StringComparison.Ordinal);
        FactorizationMachine binary = FactorizationMachine.Fit(From().Label(r => r.Stars >= 3).Build(), cancellationToken: Stop);
        Assert.Equal("binary", binary.Settings["task"]);
        FactorizationMachine signed = FactorizationMachine.Fit(From().Label(r => r.Stars >= 3 ? 1 : -1).Build(), cancellationToken: Stop);
        Assert.Equal(Parameters(binary), Parameters(signed));
        Assert.Equal("regression", FactorizationMachine.Fit(From().Label(r => r.Stars).Build(), cancellationToken: Stop).Settings["task"]);
        Assert.Equal("ranking", FactorizationMachine.Fit(From().Label(_ => 4).Build(), cancellationToken: Stop).Settings["task"]);
        Assert.Equal("bsl", FactorizationMachine.Fit(From().History(tied: true).Build(), cancellationToken: Stop).Settings["solver"]);
        Assert.Equal("binary", FactorizationMachine.Fit(From().Negatives().Build(), cancellationToken: Stop).Settings["task"]);
    }

    [Fact]
    public void Options_that_cannot_learn_from_the_data_are_told()
    {
        var regression = new AdaGradOptions { Task = LearningTask.Regression };
        var binary = new AdaGradOptions { Task = LearningTask.Binary };
        Assert.Contains("every training label is 1", Refusal(From().Build(), regression), StringComparison.Ordinal);
        Assert.Contains("every training label is 1", Refusal(From().Build(), binary), StringComparison.Ordinal);
        Assert.Contains("needs 0 or 1", Refusal(From().Label(r => r.Stars).Build(), binary), StringComparison.Ordinal);
        Assert.Contains("no label is above 0", Refusal(From().Label(_ => 0).Build(), null), StringComparison.Ordinal);
        (Dataset train, _) = From().Build().Split(Split.Random(0.2));
        Assert.Contains(
            "one split", Assert.Throws<FactoException>(() => FactorizationMachine.Fit(train, validation: From().Build())).Message,
            StringComparison.Ordinal);

        static string Refusal(Dataset data, SolverOptions? options) =>
            Assert.Throws<FactoException>(() => FactorizationMachine.Fit(data, options)).Message;
    }

    [Fact]
    public void The_same_data_and_seed_give_the_same_model_and_validation_stops_early()
    {
        (Dataset train, Dataset validation, Dataset test) = From().Label(r => r.Stars).Build().Split(Split.Random(0.2));
        FactorizationMachine one = FactorizationMachine.Fit(train, validation: validation, cancellationToken: Stop);
        FactorizationMachine two = FactorizationMachine.Fit(train, validation: validation, cancellationToken: Stop);
        Assert.Equal(Parameters(one), Parameters(two));
        Assert.All(one.History, e => Assert.NotNull(e.Validation));
        EvaluationReport report = Evaluator.Evaluate(one, test, cancellationToken: Stop);
        Assert.Equal(["model", "user and item bias", "mean"], report.Names);
        Assert.True(report["rmse"] < report["mean", "rmse"]);
    }

    [Fact]
    public void Learning_stops_when_asked()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => FactorizationMachine.Fit(From().Build(), progress: new Stopping(stop), cancellationToken: stop.Token));
    }

    [Fact]
    public void A_saved_model_opens_with_its_data_and_settings()
    {
        (Dataset train, Dataset test) = From().Build().Split(Split.LeaveLast(1));
        FactorizationMachine model = FactorizationMachine.Fit(train, cancellationToken: Stop);
        model.Save(_folder.File("model"));
        FactorizationMachine opened = FactorizationMachine.Open(_folder.File("model"));
        Assert.Equal(model.Settings.ToString(), opened.Settings.ToString());
        Assert.Equal(
            Recommender.Create(model).Recommend("3", 5).Select(i => (i.Id, i.Score, i.Why)), Recommender.Create(opened).Recommend("3", 5)
            .Select(i => (i.Id, i.Score, i.Why)));
        Assert.Equal(Recommender.Create(model).Version, Recommender.Create(opened).Version);
        Assert.Equal(Evaluator.Evaluate(model, test).ToString(), Evaluator.Evaluate(opened, test).ToString());
        Assert.Contains(
            "there is no model here", Assert.Throws<FactoException>(() => FactorizationMachine.Open(_folder.File("nothing"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_stand_beside_the_base_rate()
    {
        (Dataset train, Dataset test) = From().Label(r => r.Stars >= 3).Build().Split(Split.Random(0.3));
        EvaluationReport report =
            Evaluator.Evaluate(FactorizationMachine.Fit(train, cancellationToken: Stop), test, cancellationToken: Stop);
        Assert.Equal(0.5, report["base rate", "auc"]);
        Assert.True(report["auc"] > 0.6);
        Assert.Contains(
            "'hr@10' of model was not measured", Assert.Throws<FactoException>(() => report["hr@10"]).Message, StringComparison.Ordinal);
    }

    private static byte[] Parameters(FactorizationMachine model)
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(model.Model, folder.File("m"));
        return File.ReadAllBytes(folder.File("m"));
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => stop.Cancel();
    }
}
