using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// The mean over sweeps of what each draw predicts for one set of examples: clipped ratings, probabilities, expected class values.
/// Averaging predictions instead of parameters is where the quality of a sampler comes from.
/// </summary>
internal sealed class RunningPredictions
{
    private readonly DatasetScorer _scorer;
    private readonly float[] _scores;
    private readonly NativeBlock<double> _sums;

    public RunningPredictions(Dataset data, int k, WorkerTeam team, IEnumerable<BlockState> trained)
    {
        Data = data;
        _scorer = new DatasetScorer(data, k, team, trained);
        _scores = new float[data.Count];
        _sums = new NativeBlock<double>(data.Count);
    }

    public Dataset Data { get; }

    /// <summary>Draws averaged so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds what a draw predicts.</summary>
    public void Add(float bias, NativeBlock<float> linear, RowMatrix factors, LabelScale scale, double[] cutPoints)
    {
        _scorer.Score(bias, linear, factors, _scores);
        _scorer.Share(_scores.Length, (start, end) =>
        {
            for (int t = start; t < end; t++) { _sums[t] += scale.Predict(_scores[t], cutPoints); }
        });
        Count++;
    }

    /// <summary>The mean as a score: what the task's link turns into the mean prediction.</summary>
    public void WriteScores(LabelScale scale, Span<float> scores)
    {
        for (int t = 0; t < scores.Length; t++) { scores[t] = scale.ToScore(_sums[t] / Count); }
    }

    public void Save(ArtefactWriter writer, int index)
    {
        writer.Write<int>($"predictions{index}.count", [Count]);
        writer.Write($"predictions{index}.sums", _sums);
    }

    public void Load(ArtefactReader reader, int index)
    {
        Count = reader.Block<int>($"predictions{index}.count", 1)[0];
        reader.Block<double>($"predictions{index}.sums", _sums.Length).CopyTo(_sums);
    }
}

/// <summary>What a score of a draw predicts, and back.</summary>
/// <param name="Task">Regression, binary or ordinal.</param>
/// <param name="Levels">Class values; empty for regression.</param>
/// <param name="Low">Regression: predictions are not lower.</param>
/// <param name="High">Regression: predictions are not higher.</param>
internal sealed record LabelScale(LearningTask Task, float[] Levels, float Low, float High)
{
    public double Predict(float score, ReadOnlySpan<double> cutPoints) => Task switch
    {
        LearningTask.Regression => Math.Clamp(score, Low, High),
        LearningTask.Binary => NormalDistribution.Cumulative(score),
        _ => PosteriorPredictive.ExpectedLabel(Levels, cutPoints, score),
    };

    /// <summary>Regression and ordinal: the prediction itself; binary: its log-odds.</summary>
    public float ToScore(double prediction)
    {
        if (Task != LearningTask.Binary) { return (float)prediction; }
        double p = Math.Clamp(prediction, 1e-12, 1 - 1e-12);
        return (float)Math.Log(p / (1 - p));
    }
}
