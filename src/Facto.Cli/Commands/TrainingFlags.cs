using System.CommandLine;
using Facto.Models;
using Facto.Training;

namespace Facto.Cli.Commands;

/// <summary>The options of `facto train` that say how to learn; what is not given keeps the project's or the solver's value.</summary>
internal sealed class TrainingFlags
{
    private static readonly string[] Tasks = ["regression", "binary", "ranking", "ordinal"];

    private readonly Option<string?> _task = new("--task") { Description = "regression (squared loss), binary (logistic loss, labels -1/1 or 0/1), ranking, or ordinal (ordered classes such as stars; gibbs only)" };
    private readonly Option<string?> _solver = new("--solver") { Description = "How to learn: " + string.Join(", ", Solvers.All.Select(s => s.Name)) };
    private readonly Option<ModelFamily?> _family = new("--family") { Description = "Which features meet how: fm, fwfm (a weight per pair of fields), fvfm (a vector), fmfm (a matrix), ffm (a vector per feature and field), fm3 (triples too) [default: fm]" };
    private readonly Option<int?> _factors = new("--factors", "-k") { Description = "Factors per feature; 0 is linear or logistic regression [default: 16]" };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the data; with validation the most there may be [default: 20]" };
    private readonly Option<int?> _threads = new("--threads") { Description = "Workers; 1 is deterministic [default: 1]" };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Start of the random sequences [default: 1]" };
    private readonly Option<float?> _rate = new("--learning-rate") { Description = "Step size [default: the solver's]" };
    private readonly Option<LearningRateSchedule?> _schedule = new("--schedule") { Description = "How the step size changes" };
    private readonly Option<float?> _decay = new("--decay") { Description = "Of --schedule InverseTime, per pass" };
    private readonly Option<float?> _init = new("--init-stdev") { Description = "Standard deviation of the initial factors" };
    private readonly Option<float?> _accumulator = new("--initial-accumulator") { Description = "AdaGrad: start of the sums of squared gradients" };
    private readonly Option<float?> _regBias = new("--reg-bias") { Description = "L2 on w0" };
    private readonly Option<float?> _regLinear = new("--reg-linear") { Description = "L2 on w [default: by solver and data, with a prior per feature]" };
    private readonly Option<float?> _regFactors = new("--reg-factors") { Description = "L2 on V [default: by solver and data, with a prior per feature]" };
    private readonly Option<int?> _patience = new("--patience") { Description = "Stop after so many passes without a better validation metric; 0 never [default: 3]" };
    private readonly Option<int?> _burnIn = new("--burn-in") { Description = "gibbs: sweeps before the first that counts [default: 10]" };
    private readonly Option<int?> _samples = new("--samples") { Description = "gibbs: draws that the model keeps [default: 16]" };
    private readonly Option<int?> _folds = new("--history-folds") { Description = "Folds of each user's bag of items, so that no example sees its own item there; 0 leaves bags whole [default: 5]" };
    private readonly Option<string[]> _extra = new("--solver-option") { Description = "name=value of one solver (repeatable)", AllowMultipleArgumentsPerToken = true };

    public TrainingFlags()
    {
        _task.AcceptOnlyFromAmong(Tasks);
        _solver.AcceptOnlyFromAmong([.. Solvers.All.Select(s => s.Name)]);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_task, _family, _solver, _factors, _epochs, _threads, _seed, _rate, _schedule, _decay, _init, _accumulator, _regBias, _regLinear, _regFactors, _patience, _burnIn, _samples, _folds, _extra])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Lays the given options over <paramref name="start"/>.</summary>
    public TrainOptions Apply(ParseResult parsed, TrainOptions start)
    {
        TrainOptions options = start with
        {
            Task = parsed.GetValue(_task) is { } task ? Enum.Parse<LearningTask>(task, ignoreCase: true) : start.Task,
            Solver = parsed.GetValue(_solver) ?? start.Solver,
            Family = parsed.GetValue(_family) ?? start.Family,
            Factors = parsed.GetValue(_factors) ?? start.Factors,
            Epochs = parsed.GetValue(_epochs) ?? start.Epochs,
            Threads = parsed.GetValue(_threads) ?? start.Threads,
            Seed = parsed.GetValue(_seed) ?? start.Seed,
            LearningRate = parsed.GetValue(_rate) ?? start.LearningRate,
            Schedule = parsed.GetValue(_schedule) ?? start.Schedule,
            Decay = parsed.GetValue(_decay) ?? start.Decay,
            InitStandardDeviation = parsed.GetValue(_init) ?? start.InitStandardDeviation,
            InitialAccumulator = parsed.GetValue(_accumulator) ?? start.InitialAccumulator,
            RegularizationBias = parsed.GetValue(_regBias) ?? start.RegularizationBias,
            RegularizationLinear = parsed.GetValue(_regLinear) ?? start.RegularizationLinear,
            RegularizationFactors = parsed.GetValue(_regFactors) ?? start.RegularizationFactors,
            Patience = parsed.GetValue(_patience) ?? start.Patience,
            BurnIn = parsed.GetValue(_burnIn) ?? start.BurnIn,
            Samples = parsed.GetValue(_samples) ?? start.Samples,
            HistoryFolds = parsed.GetValue(_folds) ?? start.HistoryFolds,
            Extra = Extra(parsed.GetValue(_extra) ?? [], start.Extra),
        };
        try
        {
            options.Validate();
        }
        catch (FactoException e)
        {
            throw new UsageException(e.Message);
        }

        return options;
    }

    private static IReadOnlyDictionary<string, double> Extra(string[] assignments, IReadOnlyDictionary<string, double> start)
    {
        if (assignments.Length == 0) { return start; }
        var result = new Dictionary<string, double>(start);
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !double.TryParse(assignment.AsSpan(equals + 1), System.Globalization.CultureInfo.InvariantCulture, out double value))
            {
                throw new UsageException($"--solver-option '{assignment}' is not of the form name=number");
            }

            result[assignment[..equals]] = value;
        }

        return result;
    }
}
