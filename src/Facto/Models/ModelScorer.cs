using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>Scores every example of a dataset with a finished model.</summary>
internal static class ModelScorer
{
    /// <summary>Raw scores; <see cref="ISeparableModel.Predict"/> turns them into ratings or probabilities.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Examples over the model's features.</param>
    /// <param name="scores">As long as the examples.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <exception cref="FactoException">The dataset has features that the model does not.</exception>
    public static void Score(ISeparableModel model, Dataset data, Span<float> scores, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (data.Schema.FeatureCount > model.Schema.FeatureCount)
        {
            throw new FactoException(
                $"the data have {data.Schema.FeatureCount} features, the model {model.Schema.FeatureCount}: read the data with the "
                    + $"model's schema");
        }

        if ((model is FmPosterior posterior ? posterior.Mean : model) is FmModel { Similarity: Similarity.Dot } fm)
        {
            FmScorer.Score(new FmView(fm), data, scores, threads);
            GC.KeepAlive(fm);
            return;
        }

        ExampleTraversal.Fill(new Operator(model, data), scores, new WorkerTeam(threads));
    }

    private readonly struct Operator(ISeparableModel model, Dataset data) : IExampleOperator<Operator>
    {
        public Operator ForWorker() => this;

        public float Of(int example)
        {
            SparseRow user = data.Users is null ? default : data.Users[data.Interactions.Users![example]];
            SparseRow item = data.Items is null ? default : data.Items[data.Interactions.Items![example]];
            int context = data.ContextRow(example);
            return model.Score(user, context < 0 ? default : data.Contexts![context], item);
        }

        public void Dispose()
        {
        }
    }
}
