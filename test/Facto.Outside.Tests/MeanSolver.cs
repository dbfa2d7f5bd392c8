using Facto.Data;
using Facto.Models;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Outside.Tests;

#region Solver
/// <summary>Moves one number towards the mean label, a share of the way in each epoch: the smallest solver there can be.</summary>
internal sealed class MeanSolver(TrainingJob job) : ISolver
{
    private readonly double _share = job.Options["share"];
    private float _mean;

    public static SolverDescription Description { get; } = new(
        "mean",
        "one number for everybody",
        [LearningTask.Regression],
        job => new MeanSolver(job),
        [new SolverOption(
            "share", low: 0, high: 1, standard: 0.5,
            "Share of the way to the mean that an epoch goes") { WhenToChange = "1 to be there at once" }]);

    public EpochResult RunEpoch(int epoch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        double sum = 0, squares = 0;
        for (int example = 0; example < job.Train.Count; example++)
        {
            float label = job.Train.Label(example);
            sum += label;
            squares += (label - _mean) * (label - _mean);
        }

        _mean += (float)(_share * ((sum / job.Train.Count) - _mean));
        return new EpochResult(squares / job.Train.Count, job.Train.Count);
    }

    public void Score(Dataset data, Span<float> scores) => scores.Fill(_mean);

    public ISeparableModel Snapshot()
    {
        FmModel model = job.NewModel(factors: 0);
        model.Bias = _mean;
        return model;
    }

    public void SaveState(ArtefactWriter writer) => writer.Write<float>("mean", [_mean]);

    public void LoadState(ArtefactReader reader) => _mean = reader.Read<float>("mean", 1)[0];

    public void Dispose()
    {
    }
}
#endregion
