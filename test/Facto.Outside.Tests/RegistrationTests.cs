using System.Numerics;
using Facto.Models;
using Facto.Serving;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Outside.Tests;

/// <summary>A new solver and a new loss are one file and one line each.</summary>
public sealed class RegistrationTests
{
    static RegistrationTests()
    {
        #region Register
        Solvers.Register(MeanSolver.Description);
        Losses.Register<OutsideHuberLoss>();
        #endregion
    }

    [Fact]
    public void A_solver_from_outside_is_found_by_name_and_learns()
    {
        var options = new RegisteredSolverOptions("mean") { Epochs = 30, ["share"] = 0.75 };
        FactorizationMachine model = FactorizationMachine.Fit(Ratings(), options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(30, model.History.Count);
        Assert.Equal(("mean", "0.75", "3"), (model.Settings["solver"], model.Settings["share"], model.Settings["patience"]));
        Assert.Equal(3, Of(model, "i1"), 1e-4);
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

    [Fact]
    public void A_loss_from_outside_is_learnt_with_and_outliers_move_it_less()
    {
        Dataset data = Ratings(outlier: 40);
        FactorizationMachine squared = FactorizationMachine.Fit(data, new SgdOptions { Task = LearningTask.Regression, Epochs = 30 });
        FactorizationMachine huber = FactorizationMachine.Fit(
            data, new SgdOptions { Task = LearningTask.Regression, Epochs = 30, Loss = "outside-huber", LearningRate = 0.05f });
        Assert.Equal("outside-huber", huber.Settings["loss"]);
        Assert.True(Math.Abs(Of(huber, "i2") - 3) < Math.Abs(Of(squared, "i2") - 3), $"{Of(huber, "i2")} {Of(squared, "i2")}");
        Assert.Contains(
            "is unknown", Assert.Throws<FactoException>(() => new SgdOptions { Loss = "nobody" }).Message, StringComparison.Ordinal);
    }

    private static float Of(FactorizationMachine model, string item) =>
        Recommender.Create(model).Score(new UserQuery { User = "u1" }, [item]).Items[0].Prediction!.Value;

    private static SolverDescription Describe(string name, params SolverOption[] options) =>
        new(name, "a test", [LearningTask.Regression], job => new MeanSolver(job), options);

    private static string Fails(SolverOptions options) => Assert.Throws<FactoException>(
        () => FactorizationMachine.Fit(Ratings(), options, cancellationToken: TestContext.Current.CancellationToken)).Message;

    // Five users rate five items 1 to 5.
    private static Dataset Ratings(float outlier = 5) => Dataset
        .From(Enumerable.Range(0, 25)
            .Select(n => (User: $"u{n / 5}", Item: $"i{n % 5}", Stars: n == 12 ? outlier : 1f + ((n + (n / 5)) % 5))), r => r.User, r =>
            r.Item)
        .Label(r => r.Stars).Build();
}

#region Loss
/// <summary>Huber's loss with the corner at 1: outliers pull no harder than a step of 1.</summary>
internal readonly struct OutsideHuberLoss : ILoss
{
    public static string Name => "outside-huber";

    public static LearningTask Task => LearningTask.Regression;

    public static string Labels => "a number";

    public static bool Takes(float label) => float.IsFinite(label);

    public static float Curvature => 1;

    public static Vector<float> Value(Vector<float> score, Vector<float> label)
    {
        Vector<float> error = Vector.Abs(score - label), small = Vector.Min(error, Vector<float>.One);
        return (small * small * 0.5f) + (error - small);
    }

    public static float Derivative(float score, float label) => Math.Clamp(score - label, -1, 1);

    public static float Link(double mean) => (float)mean;
}
#endregion
