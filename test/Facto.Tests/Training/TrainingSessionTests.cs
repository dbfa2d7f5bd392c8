using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Tests.Training;

public class TrainingSessionTests
{
    private static readonly TrainOptions Options = new() { Factors = 3, Epochs = 8, LearningRate = 0.3f, Patience = 0 };
    private static readonly Dataset Data = TrainingData.OneHot(1500, fieldSizes: [12, 9]);

    [Fact]
    public void A_session_without_a_holdout_is_the_trainer()
    {
        byte[] session = Bytes(new TrainingSession { Train = Data, Options = Options }.Run(Stop).Model);
        Assert.Equal(Bytes(Trainer.Train(new TrainingJob(Data, Options), cancellation: Stop).Model), session);
    }

    [Fact]
    public void A_holdout_chooses_the_epoch_that_validates_best_and_then_all_examples_are_learnt_from()
    {
        var phases = new List<SessionProgress>();
        TrainingOutcome outcome = new TrainingSession
        {
            Train = Data,
            Options = Options,
            Holdout = 0.2,
            Progress = new Told(phases.Add),
        }.Run(Stop);
        EpochSearch search = outcome.Search!;
        double[] curve = [.. search.History.Select(r => r.Validation!.Value.Value)];
        Assert.Equal(8, curve.Length);   // patience 0 tries all of them, and still the best is chosen
        Assert.Equal(Array.IndexOf(curve, curve.Min()) + 1, search.BestEpoch);
        Assert.Equal((search.BestEpoch, search.BestEpoch), (outcome.EpochsRun, outcome.Settings.Epochs));
        (SessionPhase, int, int, bool)[] starts = [.. phases.Where(p => p.Epoch is null)
            .Select(p => (p.Phase, p.Examples, p.Validation, p.IsChosen))];
        Assert.Equal([(SessionPhase.ChoosingEpochs, 1200, 300, false), (SessionPhase.Learning, 1500, 0, true)], starts);
        Assert.Equal(
            Bytes(Trainer.Train(new TrainingJob(Data, Options with { Epochs = search.BestEpoch }), cancellation: Stop).Model),
            Bytes(outcome.Model));
    }

    [Fact]
    public void Stopped_after_any_epoch_of_any_phase_a_session_goes_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var session = new TrainingSession { Train = Data, Options = Options, Holdout = 0.2 };
        TrainingOutcome whole = session.Run(Stop);
        int all = whole.Search!.History.Count + whole.EpochsRun;
        for (int stop = 1; stop <= all; stop++)
        {
            string path = folder.File($"{stop}.ckpt");
            using var cancel = new CancellationTokenSource();
            int epochs = 0;
            TrainingSession stopped = session with { Checkpoints = new CheckpointOptions(path), Progress = new Told(p => Count(p, stop)) };
            if (stop < all) { Assert.Throws<OperationCanceledException>(() => stopped.Run(cancel.Token)); }
            else { stopped.Run(cancel.Token); }
            var rest = new List<SessionProgress>();
            TrainingOutcome resumed = (session with
            {
                Checkpoints = new CheckpointOptions(path, Resume: true),
                Progress = new Told(rest.Add),
            }).Run(Stop);
            Assert.Equal(Bytes(whole.Model), Bytes(resumed.Model));
            Assert.Equal(all - stop, rest.Count(p => p.Epoch is not null));   // nothing is run twice
            Assert.Equal(whole.Search.BestEpoch, resumed.Search!.BestEpoch);

            void Count(SessionProgress told, int last)
            {
                if (told.Epoch is not null && ++epochs == last) { cancel.Cancel(); }
            }
        }
    }

    [Fact]
    public void A_checkpoint_goes_on_only_as_it_was_begun()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.ckpt");
        var session = new TrainingSession { Train = Data, Options = Options, Holdout = 0.2, Checkpoints = new CheckpointOptions(path) };
        session.Run(Stop);
        session = session with { Checkpoints = new CheckpointOptions(path, Resume: true) };
        Assert.Contains("written with holdout 0.2, now it is 0.3", Error(session with { Holdout = 0.3 }), StringComparison.Ordinal);
        Assert.Contains("written with holdout 0.2, now it is 0;", Error(session with { Holdout = 0 }), StringComparison.Ordinal);
        Assert.Contains("chosen with epochs 8", Error(session with { Options = Options with { Epochs = 9 } }), StringComparison.Ordinal);

        // Under a cosine the steps depend on how many epochs there will be.
        string cosine = folder.File("cosine.ckpt");
        var falling = new TrainingSession
        {
            Train = Data,
            Options = Options with { Schedule = LearningRateSchedule.Cosine },
            Checkpoints = new CheckpointOptions(cosine),
        };
        falling.Run(Stop);
        falling = falling with
        {
            Checkpoints = new CheckpointOptions(cosine, Resume: true),
            Options = falling.Options with { Epochs = 12 },
        };
        Assert.Contains("epochs is 8 there and 12 now", Error(falling), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        var session = new TrainingSession { Train = Data, Options = Options, Holdout = 0.2 };
        Assert.Contains("both choose the number of epochs", Error(session with { Validation = Data }), StringComparison.Ordinal);
        Assert.Contains(
            "averages all its epochs", Error(session with { Options = new TrainOptions { Solver = "gibbs", Factors = 2, Epochs = 12 } }),
            StringComparison.Ordinal);
        Assert.Contains("that is none", Error(session with { Holdout = 0.0001 }), StringComparison.Ordinal);
        Assert.Contains("must be above 0 and below 1", Error(session with { Holdout = 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Advice_comes_as_data()
    {
        Dataset held = TrainingData.OneHot(400, seed: 9, fieldSizes: [12, 9]);
        EpochReport[] curve = [.. ((double[])[1.2, 0.9, 1.1])
            .Select((v, e) => new EpochReport { Epoch = e + 1, Epochs = 3, Loss = 1, Validation = new ValidationMetric("rmse", v) })];
        SolverSettings settings = SolverSettings.Of(new TrainOptions());
        var model = new FmModel(Data.Schema, LearningTask.Regression, 0);
        TrainingAdvice overfits = TrainingAdvice.OfCurve(new TrainResult(model, curve, 3, 1) { Settings = settings })!;
        Assert.Equal(AdviceKind.Overfits, overfits.Kind);
        Assert.Contains("rmse was 0.9000 after epoch 2 and is 1.1000 after the last", overfits.Sentence, StringComparison.Ordinal);
        Assert.Null(TrainingAdvice.OfCurve(new TrainResult(model, curve, 2, 1) { Settings = settings }));   // the best epoch was kept
        Assert.Empty(new TrainingSession { Train = Data, Validation = held, Options = Options with { Epochs = 3 } }.Run(Stop).Advice);
        float[] bad = new float[held.Count];
        Array.Fill(bad, 100);
        Assert.Equal(AdviceKind.WorseThanConstant, TrainingAdvice.OfPredictions(LearningTask.Regression, "test", Data, held, bad)!.Kind);
        Assert.Null(TrainingAdvice.OfPredictions(LearningTask.Regression, "test", Data, held, held.Interactions.Labels.Span.ToArray()));
    }

    [Fact]
    public void The_range_of_labels_only_widens_when_a_warm_start_goes_on()
    {
        var first = (FmModel)new TrainingSession { Train = Data, Options = Options }.Run(Stop).Model;
        Assert.True(first.MinLabel < first.MaxLabel);
        var labels = new NativeBlock<float>(5L);
        labels.Span.Fill(0.5f * (first.MinLabel + first.MaxLabel));
        Dataset few = Data.Select([0, 1, 2, 3, 4]);
        few = few.WithInteractions(new Interactions { Contexts = few.Interactions.Contexts, Labels = labels });
        foreach (string solver in (string[])["adagrad", "adam", "als"])
        {
            var session = new TrainingSession
            {
                Train = few,
                Options = new TrainOptions { Solver = solver, Factors = 3, Epochs = 1 },
                WarmStart = new WarmStart(first),
            };
            var next = (FmModel)session.Run(Stop).Model;
            Assert.Equal((first.MinLabel, first.MaxLabel), (next.MinLabel, next.MaxLabel));
        }

        labels.Span[0] = first.MaxLabel + 7;
        var wider = (FmModel)new TrainingSession { Train = few, Options = Options, WarmStart = new WarmStart(first) }.Run(Stop).Model;
        Assert.Equal((first.MinLabel, first.MaxLabel + 7), (wider.MinLabel, wider.MaxLabel));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Error(TrainingSession session) => Assert.Throws<FactoException>(() => session.Run(Stop)).Message;

    private static byte[] Bytes(ISeparableModel model)
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(model, folder.File("m.facto"));
        return File.ReadAllBytes(folder.File("m.facto"));
    }

    private sealed class Told(Action<SessionProgress> action) : IProgress<SessionProgress>
    {
        public void Report(SessionProgress value) => action(value);
    }
}
