using Facto.Benchmarks.Data;
using Facto.Benchmarks.Evaluation;
using Facto.Benchmarks.Retrieval;
using Facto.Benchmarks.Training;
using Facto.Benchmarks.WholeCatalogue;

// facto-bench VERB ...: measurements of one part each, in one run beside what they are compared with.
return args switch
{
    ["training", .. string[] rest] => TrainingBench.Run(rest),
    ["reading", .. string[] rest] => ReadingBench.Run(rest),
    ["sampler", .. string[] rest] => SamplerBench.Run(rest),
    ["posterior", .. string[] rest] => PosteriorBench.Run(rest),
    ["icd", .. string[] rest] => IcdBench.Run(rest),
    ["hnsw", .. string[] rest] => GraphBench.Run(rest),
    ["hnsw-storm", .. string[] rest] => StormBench.Run(rest),
    ["ivf", .. string[] rest] => IvfBench.Run(rest),
    ["evaluation", .. string[] rest] => EvaluationBench.Run(rest),
    ["building", .. string[] rest] => BuildingBench.Run(rest),
    ["open", .. string[] rest] => OpenBench.Run(rest),
    ["retrieval", .. string[] rest] => RetrievalBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "usage: facto-bench training|reading|sampler|posterior|icd|hnsw|hnsw-storm|ivf|open|retrieval|evaluation|building ...");
    return 2;
}
