using BenchmarkDotNet.Running;
using Facto.Benchmarks.Training;
using Facto.Benchmarks.WholeCatalogue;

// facto-bench VERB ...: whole-pass measurements of one part each; without a known verb, BenchmarkDotNet takes the arguments (--filter, --list …).
return args is ["training", .. string[] rest]
    ? TrainingBench.Run(rest)
    : args is ["icd", .. string[] catalogue] ? IcdBench.Run(catalogue)
    : BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any() ? 0 : 1;
