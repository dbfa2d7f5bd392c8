using BenchmarkDotNet.Running;
using Facto.Benchmarks.Data;
using Facto.Benchmarks.Evaluation;
using Facto.Benchmarks.Retrieval;
using Facto.Benchmarks.Training;
using Facto.Benchmarks.WholeCatalogue;

// facto-bench VERB ...: whole-pass measurements of one part each; without a known verb, BenchmarkDotNet takes the arguments (--filter, --list …).
return args switch
{
    ["training", .. string[] rest] => TrainingBench.Run(rest),
    ["reading", .. string[] rest] => ReadingBench.Run(rest),
    ["sampler", .. string[] rest] => SamplerBench.Run(rest),
    ["posterior", .. string[] rest] => PosteriorBench.Run(rest),
    ["icd", .. string[] rest] => IcdBench.Run(rest),
    ["hnsw", .. string[] rest] => HnswBench.Run(rest),
    ["hnsw-storm", .. string[] rest] => StormBench.Run(rest),
    ["ivf", .. string[] rest] => IvfBench.Run(rest),
    ["evaluation", .. string[] rest] => EvaluationBench.Run(rest),
    ["building", .. string[] rest] => BuildingBench.Run(rest),
    ["open", .. string[] rest] => OpenBench.Run(rest),
    ["retrieval", .. string[] rest] => RetrievalBench.Run(rest),
    _ => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any() ? 0 : 1,
};
