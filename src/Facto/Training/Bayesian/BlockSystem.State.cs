using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

// The parameters from and to models and checkpoints.
internal sealed partial class BlockSystem
{
    /// <summary>Copies the parameters of a model over the same schema.</summary>
    /// <exception cref="FactoException">The model has another number of factors.</exception>
    public void StartFrom(FmModel model)
    {
        if (model.FactorCount != K)
        {
            throw new FactoException($"option factors is {K}, the model to start from has {model.FactorCount}; use the same number");
        }
        Bias = model.Bias;
        model.Linear.CopyTo(Linear);
        model.Factors.Storage.CopyTo(Factors.Storage);
        Refresh();
    }

    /// <summary>The parameters as a model of their own.</summary>
    public FmModel ToModel(LearningTask task)
    {
        var model = new FmModel(Data.Schema, task, K) { Bias = Bias };
        Linear.CopyTo(model.Linear);
        Factors.Storage.CopyTo(model.Factors.Storage);
        return model;
    }

    /// <summary>w₀ += <paramref name="step"/>, and <see cref="Error"/> with it.</summary>
    public void MoveBias(double step)
    {
        float before = Bias;
        Bias = (float)(before + step);
        double moved = (double)Bias - before;
        Error = (Error.Squares - (2 * moved * Error.Sum) + (TotalWeight * moved * moved), Error.Sum - (TotalWeight * moved));
    }

    public void SaveParameters(ArtefactWriter writer)
    {
        writer.Write<double>("solver.scalars", [Bias, Noise, Error.Squares, Error.Sum]);
        writer.Write("solver.linear", Linear);
        writer.Write("solver.factors", Factors.Storage);
        writer.Write("solver.prior-linear-mean", Priors.MeanLinear);
        writer.Write("solver.prior-linear-precision", Priors.PrecisionLinear);
        writer.Write("solver.prior-mean", Priors.Mean.Storage);
        writer.Write("solver.prior-precision", Priors.Precision.Storage);
    }

    public void LoadParameters(ArtefactReader reader)
    {
        NativeBlock<double> scalars = reader.Block<double>("solver.scalars", 4);
        (Bias, Noise, Error) = ((float)scalars[0], scalars[1], (scalars[2], scalars[3]));
        Load("solver.linear", Linear);
        Load("solver.factors", Factors.Storage);
        Load("solver.prior-linear-mean", Priors.MeanLinear);
        Load("solver.prior-linear-precision", Priors.PrecisionLinear);
        Load("solver.prior-mean", Priors.Mean.Storage);
        Load("solver.prior-precision", Priors.Precision.Storage);
        Refresh();

        void Load(string name, NativeBlock<float> target) => reader.Block<float>(name, target.Length).CopyTo(target);
    }
}
