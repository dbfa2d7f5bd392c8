using Facto.Numerics;

namespace Facto.Data;

/// <summary>What one example gives, as a type argument of <see cref="ExampleTraversal"/>; the struct holds what it reads.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
internal interface IExampleOperator<TSelf> : IDisposable
    where TSelf : struct, IExampleOperator<TSelf>
{
    /// <summary>
    /// The same operator with scratch memory of its own, which its <see cref="IDisposable.Dispose"/> frees; one per worker.
    /// </summary>
    TSelf ForWorker();

    /// <summary>The figure of one example of the dataset.</summary>
    float Of(int example);
}

/// <summary>
/// The loop over every example, on all workers; what an example gives depends on nothing but the example, so any number of workers gives
/// the same.
/// </summary>
internal static class ExampleTraversal
{
    /// <summary>Examples that a worker takes at a time.</summary>
    public const int Run = 1024;

    /// <summary>Fills <paramref name="figures"/> with what each example gives.</summary>
    /// <param name="whole">The operator; its copies are made and freed here, the caller frees the original.</param>
    /// <param name="figures">One per example.</param>
    /// <param name="team">Who works.</param>
    public static unsafe void Fill<TOperator>(TOperator whole, Span<float> figures, WorkerTeam team)
        where TOperator : struct, IExampleOperator<TOperator>
    {
        var own = new TOperator[team.Count];
        for (int w = 0; w < own.Length; w++) { own[w] = whole.ForWorker(); }
        try
        {
            fixed (float* start = figures)
            {
                float* target = start;
                team.Run(figures.Length, Run, (worker, first, end) => FillRun(own[worker], first, end, target));
            }
        }
        finally
        {
            foreach (TOperator one in own) { one.Dispose(); }
        }
    }

    private static unsafe void FillRun<TOperator>(TOperator one, int first, int end, float* target)
        where TOperator : struct, IExampleOperator<TOperator>
    {
        for (int example = first; example < end; example++) { target[example] = one.Of(example); }
    }
}
