using System.Numerics;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;

namespace Facto.Tests.Training;

/// <summary>What every registered loss must keep, those of other assemblies included.</summary>
public class LossContractTests
{
    static LossContractTests() => Losses.Register<PseudoHuberLoss>();

    public static TheoryData<string> Names() => [.. Losses.All.Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_derivative_is_the_slope_of_the_value_and_no_slope_changes_faster_than_the_curvature(string name) =>
        Assert.True(Find(name).Accept(new Slopes()) > 0);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_link_is_undone_by_the_tasks_prediction(string name)
    {
        LossDescription loss = Find(name);
        var model = new FmModel(TrainingData.Schema([1], null), loss.Task, 0) { MinLabel = -10, MaxLabel = 10 };
        foreach (double mean in (double[])[0.1, 0.5, 0.93])
        {
            Assert.Equal(mean, model.Predict((float)loss.Accept(new LinkOf(mean))), 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_can_be_learned_with(string name)
    {
        LossDescription loss = Find(name);
        foreach (string solver in (string[])["sgd", "adagrad", "adam"])
        {
            TrainOptions options = new() { Task = loss.Task, Loss = name, Solver = solver, Factors = 2, Epochs = 3, Patience = 0 };
            TrainResult result = Trainer.Train(new TrainingJob(TrainingData.OneHot(2000, loss.Task == LearningTask.Binary), options));
            Assert.True(
                result.History[^1].Loss < result.History[0].Loss, $"{solver}: {result.History[0].Loss} to {result.History[^1].Loss}");
        }
    }

    [Fact]
    public void A_task_has_its_own_loss_and_a_name_asks_for_another()
    {
        Assert.Equal("squared", Losses.Find(LearningTask.Regression, null).Name);
        Assert.Equal("logistic", Losses.Find(LearningTask.Binary, null).Name);
        Assert.Equal("pseudo-huber", Losses.Find(LearningTask.Regression, "pseudo-huber").Name);
        Assert.Contains("is unknown; choose one of squared", Fails(LearningTask.Regression, "hinge"), StringComparison.Ordinal);
        Assert.Contains("serves another task than Regression", Fails(LearningTask.Regression, "logistic"), StringComparison.Ordinal);

        static string Fails(LearningTask task, string name) => Assert.Throws<FactoException>(() => Losses.Find(task, name)).Message;
    }

    [Fact]
    public void A_name_is_taken_once_however_many_threads_ask()
    {
        int taken = 0, refused = 0;
        Parallel.For(0, 16, _ =>
        {
            try
            {
                Losses.Register<TwiceLoss>();
                Interlocked.Increment(ref taken);
            }
            catch (FactoException e) when (e.Message.Contains("registered already", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal((1, 15), (taken, refused));
        Assert.Single(Losses.All, l => l.Name == TwiceLoss.Name);
        Assert.Throws<FactoException>(Losses.Register<PseudoHuberLoss>);
    }

    [Fact]
    public void A_label_that_the_loss_does_not_take_is_refused()
    {
        TrainOptions options = new() { Task = LearningTask.Regression, Loss = "pseudo-huber", Factors = 1, Epochs = 1 };
        string message = Assert.Throws<FactoException>(() =>
            Trainer.Train(
                new TrainingJob(
                    TrainingData.OneHot(100)
                    .WithInteractions(new() { Labels = new NativeBlock<float>([.. Enumerable.Range(0, 100).Select(i => 40f + i)]) }),
                    options))).Message;
        Assert.Contains("loss 'pseudo-huber' of a regression task needs at most 50", message, StringComparison.Ordinal);
    }

    private static LossDescription Find(string name) => Losses.All.Single(l => l.Name == name);

    private sealed class Slopes : ILossVisitor<int>
    {
        public int Visit<TLoss>()
            where TLoss : struct, ILoss
        {
            const float step = 1e-2f;
            int checks = 0;
            foreach (float label in (float[])[0, 1, -2, 3.5f])
            {
                if (!TLoss.Takes(label)) { continue; }
                for (float score = -6; score <= 6; score += 0.37f, checks++)
                {
                    float up = Value(score + step), down = Value(score - step), slope = TLoss.Derivative(score, label);
                    Assert.Equal((up - down) / (2 * step), slope, 2e-3f * (1 + Math.Abs(slope)));
                    float curvature = (TLoss.Derivative(score + step, label) - TLoss.Derivative(score - step, label)) / (2 * step);
                    Assert.InRange(curvature, -1e-3f, (TLoss.Curvature * 1.01f) + 1e-3f);
                    Assert.InRange(Value(score), 0, float.MaxValue);
                }

                float Value(float at) => TLoss.Value(new Vector<float>(at), new Vector<float>(label))[Vector<float>.Count - 1];
            }

            return checks;
        }
    }

    private sealed class LinkOf(double mean) : ILossVisitor<float>
    {
        public float Visit<TLoss>()
            where TLoss : struct, ILoss => TLoss.Link(mean);
    }

    // √(1 + (ŷ − y)²) − 1: what somebody else's assembly would bring.
    private readonly struct PseudoHuberLoss : ILoss
    {
        public static string Name => "pseudo-huber";

        public static LearningTask Task => LearningTask.Regression;

        public static string Labels => "at most 50";

        public static bool Takes(float label) => label <= 50;

        public static Vector<float> Value(Vector<float> score, Vector<float> label) =>
            Vector.SquareRoot(Vector<float>.One + ((score - label) * (score - label))) - Vector<float>.One;

        public static float Derivative(float score, float label) => (score - label) / MathF.Sqrt(1 + ((score - label) * (score - label)));

        public static float Curvature => 1;

        public static float Link(double mean) => (float)mean;
    }

    private readonly struct TwiceLoss : ILoss
    {
        public static string Name => "twice";

        public static LearningTask Task => LearningTask.Regression;

        public static string Labels => "any number";

        public static bool Takes(float label) => true;

        public static Vector<float> Value(Vector<float> score, Vector<float> label) => (score - label) * (score - label);

        public static float Derivative(float score, float label) => 2 * (score - label);

        public static float Curvature => 2;

        public static float Link(double mean) => (float)mean;
    }
}
