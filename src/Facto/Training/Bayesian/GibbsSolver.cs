using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Bayesian;

/// <summary>
/// Gibbs sampling of an FM (Freudenthaler, Schmidt-Thieme and Rendle 2011) with a hyper-prior per field, over the blocks of the data and by
/// whole vectors: every feature's [v; w] is drawn jointly. Regression, probit (binary) and ordered probit (ordinal). One pass is one sweep.
/// Predictions are averaged after the burn-in; the model keeps draws. The same draws at any number of threads.
/// </summary>
internal sealed class GibbsSolver : ISolver
{
    private readonly TrainingJob _job;
    private readonly BayesOptions _options;
    private readonly LearningTask _task;
    private readonly HyperPrior _hyper;
    private readonly LatentTargets? _latents;
    private readonly LabelScale _scale;
    private readonly KeptDraws _draws;
    private readonly RunningPredictions[] _running;   // of the validation and the test part
    private readonly float _biasMean;

    /// <param name="job">What to learn.</param>
    /// <param name="hyper">What is believed before the data; the defaults are libFM's and myFM's.</param>
    public GibbsSolver(TrainingJob job, HyperPrior? hyper = null)
    {
        SolverSettings options = job.Options;
        _job = job;
        _hyper = hyper ?? new HyperPrior();
        _task = options.Task;
        _options = BayesOptions.Of(options);
        _draws = new KeptDraws(_options.Samples);
        float deviation = (float)options["init-stdev"], startPrecision = 1 / Math.Max(deviation * deviation, 1e-6f);
        System = new BlockSystem(job.Train, options.Factors, options.Threads, options.Seed, hyper);
        for (int f = 0; f < job.Train.Schema.Fields.Count; f++) { System.Priors.Fix(f, 1, startPrecision); }
        if (_task != LearningTask.Regression)
        {
            if (job.Train.Interactions.Weights is not null)
            {
                throw new FactoException(
                    "gibbs takes no example weights for a binary or ordinal task; drop the weight column or use the task regression");
            }
            _latents = new LatentTargets(System, job.Train.Interactions.Labels.Span, _task == LearningTask.Ordinal);
        }

        (float low, float high) = job.LabelRange();
        _scale = new LabelScale(_task, _latents?.Levels ?? [], low, high);
        _biasMean = _task == LearningTask.Regression ? (float)job.Train.Interactions.MeanLabel() : 0;
        if (job.WarmStart is { } warm) { System.StartFrom(warm); }
        else
        {
            System.Start(deviation);
            System.Bias = _biasMean;
        }

        _running = [
            .. new[] { job.Validation, job.Test }.OfType<Dataset>().Distinct()
            .Select(data => new RunningPredictions(data, options.Factors, System.Workers.Team, System.States))];
    }

    public BlockSystem System { get; }

    /// <summary>The latents of a binary or ordinal task.</summary>
    public LatentTargets? Latents => _latents;

    public string DivergenceAdvice => "scale numeric fields down";

    /// <summary>More draws never make the mean worse than an early one by more than noise: there is no best pass to go back to.</summary>
    public bool KeepsBestEpoch => false;

    public EpochResult RunEpoch(int pass, CancellationToken cancellation)
    {
        using IDisposable gathered = System.Workers.Team.Gather();
        _latents?.Draw(pass, cancellation);
        System.Sweep(pass, draw: true, cancellation);
        SeededRandom random = System.Streams.For(pass, DrawKind.Noise, 0);
        if (_task != LearningTask.Ordinal) { DrawBias(ref random); }   // an ordinal w₀ is in the cut-points
        if (_task == LearningTask.Regression) { DrawNoise(ref random); }
        FeatureSchema schema = _job.Train.Schema;
        System.Workers.Run(schema.Fields.Count, 1, (_, start, end) =>
        {
            for (int g = start; g < end; g++)
            {
                SeededRandom own = System.Streams.For(pass, DrawKind.Prior, g);
                System.Priors.Draw(g, schema.Fields[g], System.Linear, System.Factors, ref own);
            }
        }, cancellation);

        if (pass > _options.BurnIn) { Keep(); }
        double loss = _task == LearningTask.Regression ? System.Error.Squares / System.TotalWeight : double.NaN;
        return new EpochResult(loss, _job.Train.Count);
    }

    public void Score(Dataset data, Span<float> scores)
    {
        if (Array.Find(_running, r => r.Count > 0 && ReferenceEquals(r.Data, data)) is { } running)
        {
            running.WriteScores(_scale, scores);
            return;
        }

        var mean = new RunningPredictions(data, System.K, System.Workers.Team, []);
        foreach (PosteriorDraw draw in Draws()) { mean.Add(draw.Bias, draw.Linear, draw.Factors, _scale, draw.CutPoints); }
        mean.WriteScores(_scale, scores);
    }

    public ISeparableModel Snapshot() =>
        FmPosterior.Of(
            _job.Train.Schema, _task, _draws.All.Count > 0 ? _draws.Chosen() : Draws(), _scale.Levels, Limit(_scale.Low),
            Limit(_scale.High));

    public void SaveState(ArtefactWriter writer)
    {
        System.SaveParameters(writer);
        writer.Write<double>("latents.cut-points", _latents?.CutPoints ?? []);
        _draws.Save(writer);
        for (int i = 0; i < _running.Length; i++) { _running[i].Save(writer, i); }
    }

    public void LoadState(ArtefactReader reader)
    {
        System.LoadParameters(reader);
        if (_latents is not null) { reader.Block<double>("latents.cut-points", _latents.CutPoints.Length).Span.CopyTo(_latents.CutPoints); }
        _draws.Load(reader, _job.Train.Schema.FeatureCount, System.K);
        for (int i = 0; i < _running.Length; i++) { _running[i].Load(reader, i); }
    }

    public void Dispose()
    {
    }

    /// <summary>w₀ given the rest: N((αΣω(e + w₀) + βm)/(αΣω + β), 1/(αΣω + β)).</summary>
    private void DrawBias(ref SeededRandom random)
    {
        double alpha = System.Noise, precision = (alpha * System.TotalWeight) + _hyper.Bias;
        double mean = ((alpha * (System.Error.Sum + (System.TotalWeight * System.Bias))) + (_hyper.Bias * _biasMean)) / precision;
        System.MoveBias(mean + (random.NextNormal() / Math.Sqrt(precision)) - System.Bias);
    }

    // α given the rest: Gamma((a + N)/2, rate (b + Σωe²)/2).
    private void DrawNoise(ref SeededRandom random) =>
        System.Noise = random.NextGamma(0.5 * (_hyper.A + _job.Train.Count)) / (0.5 * (_hyper.B + Math.Max(0, System.Error.Squares)));

    private void Keep()
    {
        _draws.Offer(Copy);
        foreach (RunningPredictions running in _running)
        {
            running.Add(System.Bias, System.Linear, System.Factors, _scale, _latents?.CutPoints ?? []);
        }
    }

    private IReadOnlyList<PosteriorDraw> Draws() => _draws.All.Count > 0 ? _draws.All : [Copy()];

    private PosteriorDraw Copy()
    {
        var draw = new PosteriorDraw(
            System.Bias, System.Noise, [.. _latents?.CutPoints ?? []], new NativeBlock<float>(System.Linear.Length),
                new RowMatrix(System.Factors.RowCount, System.K));
        System.Linear.CopyTo(draw.Linear);
        System.Factors.Storage.CopyTo(draw.Factors.Storage);
        return draw;
    }

    private float Limit(float limit) => _task == LearningTask.Regression
        ? limit
        : limit == _scale.Low ? float.NegativeInfinity : float.PositiveInfinity;
}
