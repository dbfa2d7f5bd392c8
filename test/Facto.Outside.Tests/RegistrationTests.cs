using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Outside.Tests;

public sealed class RegistrationTests
{
    static RegistrationTests() => Solvers.Register(MeanSolver.Description);

    [Fact]
    public void A_solver_from_outside_is_found_by_name_and_learns()
    {
        Dataset data = Ratings();
        var options = new RegisteredSolverOptions("mean") { Epochs = 30, ["share"] = 0.75 };
        TrainResult result = Trainer.Train(data, options, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(3, ((FmModel)result.Model).Bias, 1e-5);
        Assert.Equal(30, result.EpochsRun);
        Assert.Contains(("share", "0.75", "given"), result.Settings.Values);
        Assert.Contains(("patience", "3", "default"), result.Settings.Values);
        Assert.Contains(Solvers.All, s => s.Name == "mean");
    }

    [Fact]
    public void Its_options_are_checked_as_those_of_the_library()
    {
        Assert.Contains(
            "option share is 2; it must be 0 to 1", Fails(new RegisteredSolverOptions("mean") { ["share"] = 2 }), StringComparison.Ordinal);
        Assert.Contains(
            "solver 'mean' has no option 'colour'", Fails(new RegisteredSolverOptions("mean") { ["colour"] = 1 }),
            StringComparison.Ordinal);
        Assert.Contains("solver 'nobody' is unknown", Fails(new RegisteredSolverOptions("nobody")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_registered_once_and_has_to_be_one()
    {
        Assert.Contains(
            "there is a solver 'mean' already", Assert.Throws<FactoException>(() => Solvers.Register(MeanSolver.Description)).Message,
            StringComparison.Ordinal);
        foreach (string name in (string[])["", "Mean", "a b", "-x", new('a', 41)])
        {
            Assert.Contains(
                "cannot be the name of a solver", Assert.Throws<FactoException>(() => Describe(name)).Message, StringComparison.Ordinal);
        }

        Assert.Contains(
            "'factors' twice",
            Assert.Throws<FactoException>(() => Describe("twice", new SolverOption("factors", 0, 1, 0, "again"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_may_register_at_once()
    {
        Parallel.For(0, 64, i => Solvers.Register(Describe($"thread-{i}")));
        Assert.Equal(64, Solvers.All.Count(s => s.Name.StartsWith("thread-", StringComparison.Ordinal)));
    }

    private static SolverDescription Describe(string name, params SolverOption[] options) =>
        new(name, "a test", [LearningTask.Regression], job => new MeanSolver(job), options);

    private static string Fails(SolverOptions options) =>
        Assert.Throws<FactoException>(() => Trainer.Train(Ratings(), options, cancellation: TestContext.Current.CancellationToken)).Message;

    private static Dataset Ratings()
    {
        var rows = new SparseRowsBuilder();
        float[] labels = [1, 2, 3, 4, 5];
        foreach (float _ in labels)
        {
            rows.Add(0);
            rows.EndRow();
        }

        var schema = new FeatureSchema([new Field { Count = 1, Spec = new FieldSpec { Name = "all", Side = FieldSide.Context } }]);
        return new Dataset(schema, new Interactions { Labels = new NativeBlock<float>(labels) }, contexts: rows.Build());
    }
}
