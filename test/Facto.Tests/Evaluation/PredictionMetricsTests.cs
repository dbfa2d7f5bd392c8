using CsCheck;
using Facto.Evaluation;

namespace Facto.Tests.Evaluation;

public class PredictionMetricsTests
{
    private static readonly Gen<(float Score, bool Positive, int User)[]> Examples =
        Gen.Select(Gen.Int[-4, 4], Gen.Bool, Gen.Int[0, 3], (s, p, u) => (Score: s / 4f, Positive: p, User: u)).Array[2, 60];

    [Fact]
    public void Auc_is_the_share_of_pairs_in_the_right_order_ties_half() => Examples.Sample(examples =>
    {
        (float[] scores, float[] labels, _) = Split(examples);
        double expected = NaiveAuc(examples);
        double actual = PredictionMetrics.AreaUnderCurve(scores, labels).Value;
        Assert.True(double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) < 1e-12, $"{expected} {actual}");
    });

    [Fact]
    public void Grouped_auc_is_the_weighted_mean_of_the_users_own() => Examples.Sample(examples =>
    {
        (float[] scores, float[] labels, int[] users) = Split(examples);
        var judged = examples.GroupBy(e => e.User).Select(g => (Auc: NaiveAuc([.. g]), Count: g.Count())).Where(g => !double.IsNaN(g.Auc))
            .ToArray();
        double expected = judged.Length == 0 ? double.NaN : judged.Sum(g => g.Auc * g.Count) / judged.Sum(g => g.Count);
        double actual = PredictionMetrics.GroupedAreaUnderCurve(scores, labels, users).Value;
        Assert.True(double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) < 1e-12, $"{expected} {actual}");
    });

    [Fact]
    public void Delong_interval_covers_the_truth_about_95_times_in_100()
    {
        // Scores N(1,1) for positives, N(0,1) for negatives: AUC = Φ(1/√2) = 0.76025.
        var random = new Facto.Numerics.SeededRandom(5);
        int covered = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            float[] scores = new float[120], labels = new float[120];
            for (int i = 0; i < 120; i++) { (labels[i], scores[i]) = (i % 2, (float)random.NextNormal() + (i % 2)); }
            MetricValue auc = PredictionMetrics.AreaUnderCurve(scores, labels);
            covered += Math.Abs(auc.Value - 0.760250) <= auc.HalfWidth ? 1 : 0;
        }

        Assert.InRange(covered, 360, 395);
    }

    [Fact]
    public void Squared_absolute_and_log_losses_are_the_textbook_ones()
    {
        float[] p = [0.9f, 0.2f, 0.5f], y = [1, 0, 1];
        Assert.Equal(Math.Sqrt((0.01 + 0.04 + 0.25) / 3), PredictionMetrics.RootMeanSquaredError(p, y).Value, 1e-7);
        Assert.Equal((0.1 + 0.2 + 0.5) / 3, PredictionMetrics.MeanAbsoluteError(p, y).Value, 1e-7);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.8) + Math.Log(0.5)) / 3, PredictionMetrics.LogLoss(p, y).Value, 1e-6);
        Assert.True(double.IsFinite(PredictionMetrics.LogLoss([0f, 1f], [1f, 0f]).Value));
    }

    [Fact]
    public void Calibration_of_true_probabilities_is_near_zero_and_of_overconfident_ones_is_not()
    {
        var random = new Facto.Numerics.SeededRandom(6);
        float[] p = new float[50_000], y = new float[50_000], sharp = new float[50_000];
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = random.NextFloat();
            y[i] = random.NextFloat() < p[i] ? 1 : 0;
            sharp[i] = p[i] > 0.5f ? 1 : 0;
        }

        Assert.True(Calibration.Measure(p, y, 10).ExpectedCalibrationError < 0.01);
        Assert.Equal(0.25, Calibration.Measure(sharp, y, 10).ExpectedCalibrationError, 0.01);
        Assert.Equal(p.Length, Calibration.Measure(p, y, 10).Bins.Sum(b => b.Count));
    }

    private static double NaiveAuc((float Score, bool Positive, int User)[] examples)
    {
        var pairs = from a in examples
                    where a.Positive
                    from b in examples
                    where !b.Positive
                    select a.Score > b.Score
            ? 1.0
            : a.Score == b.Score ? 0.5 : 0;
        return pairs.Any() ? pairs.Average() : double.NaN;
    }

    private static (float[] Scores, float[] Labels, int[] Users) Split((float Score, bool Positive, int User)[] examples) =>
        ([.. examples.Select(e => e.Score)], [.. examples.Select(e => e.Positive ? 1f : 0f)], [.. examples.Select(e => e.User)]);
}
