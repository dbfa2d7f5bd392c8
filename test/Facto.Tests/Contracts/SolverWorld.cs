using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Training;
using Facto.Tests.Training.Ranking;
using Facto.Training;

namespace Facto.Tests.Contracts;

/// <summary>Small data for each task, and for each solver the few settings with which it learns them in a moment.</summary>
internal static class SolverWorld
{
    public static (Dataset Train, Dataset Validation) Data(LearningTask task) => task switch
    {
        LearningTask.Ranking => RankingData.Checkerboard(),
        LearningTask.Ordinal => (Stars(TrainingData.TwoSided(3000)), Stars(TrainingData.TwoSided(600, seed: 2))),
        _ => (TrainingData.TwoSided(3000, task == LearningTask.Binary), TrainingData.TwoSided(600, task == LearningTask.Binary, seed: 2)),
    };

    public static TrainOptions Options(SolverDescription solver, LearningTask task)
    {
        var options = new TrainOptions { Task = task, Solver = solver.Name, Factors = 6, Epochs = 8, Seed = 5 };
        options = solver.Name switch
        {
            "sgd" or "sgda" => options with { LearningRate = 0.02f, InitStandardDeviation = 0.1f },
            "adagrad" => options with { LearningRate = 0.2f, InitStandardDeviation = 0.1f },
            "adam" => options with { LearningRate = 0.01f, InitStandardDeviation = 0.1f },
            "bpr" or "warp" => options with { LearningRate = 0.3f, Epochs = 30 },
            "softmax" or "bsl" or "slk" =>
                options with
                {
                    LearningRate = 0.05f,
                    Epochs = 20,
                    Extra = new Dictionary<string, double> { ["batch"] = 8, ["negatives"] = 64 }
                },
            "gibbs" => options with { BurnIn = 2 },
            _ => options,
        };
        return solver.Option("patience") is null ? options : options with { Patience = 0 };
    }

    public static TrainingJob Job(SolverDescription solver, LearningTask task)
    {
        (Dataset train, Dataset validation) = Data(task);
        return new TrainingJob(train, Options(solver, task), validation);
    }

    /// <summary>What is written to a model file: the model, bit for bit.</summary>
    public static byte[] Bytes(ISeparableModel model)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model");
        ModelFile.Save(model, path);
        return File.ReadAllBytes(path);
    }

    /// <summary>The metric of a model that gives everybody the same.</summary>
    public static double Constant(LearningTask task, Dataset train, Dataset validation)
    {
        float[] labels = train.Interactions.Labels.Span.ToArray(), judged = validation.Interactions.Labels.Span.ToArray();
        double mean = labels.Average();
        return task switch
        {
            LearningTask.Ranking => 20.0 / train.Items!.RowCount,
            LearningTask.Binary => judged.Average(y => y > 0 ? -Math.Log(mean) : -Math.Log(1 - mean)),
            _ => Math.Sqrt(judged.Average(y => (y - mean) * (y - mean))),
        };
    }

    private static Dataset Stars(Dataset data)
    {
        var labels = new NativeBlock<float>((long)data.Count);
        for (int i = 0; i < data.Count; i++) { labels[i] = Math.Clamp(MathF.Round(data.Interactions.Labels[i]), 1, 5); }
        Interactions from = data.Interactions;
        return data.WithInteractions(
            new Interactions { Users = from.Users, Items = from.Items, Contexts = from.Contexts, Labels = labels });
    }
}
