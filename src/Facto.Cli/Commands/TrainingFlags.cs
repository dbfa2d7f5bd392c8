using System.CommandLine;
using System.Globalization;
using Facto.Models;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Cli.Commands;

/// <summary>
/// The options of `facto train` that say how to learn, out of the solvers' tables; what is not given keeps the project's or the solver's
/// value.
/// </summary>
internal sealed class TrainingFlags
{
    private static readonly string[] Tasks = ["regression", "binary", "ranking", "ordinal"];

    private readonly Option<string?> _task = new("--task")
    {
        Description =
            "regression (squared loss), binary (logistic loss, labels -1/1 or 0/1), ranking, or ordinal (ordered classes such as stars; "
                + "gibbs only) "
            + "[default: from the labels; regression for files without a project]",
    };

    private readonly Option<string?> _solver = new("--solver")
    {
        Description = $"How to learn: {string.Join(", ", Solvers.All.Select(s => s.Name))} "
            + "[default: icd for ranking, gibbs for ordinal, adagrad otherwise]",
    };

    private readonly List<(SolverOption Option, Option<string?> Flag)> _options =
        [.. Solvers.AllOptions.Where(o => !o.IsOwn).Select(o => (o, Flag(o)))];
    private readonly Option<string[]> _extra = new(
        "--solver-option")
    {
        Description = "name=value of one solver (repeatable); " + OptionHelp.OwnOptions(),
        AllowMultipleArgumentsPerToken = true
    };

    public TrainingFlags()
    {
        _task.AcceptOnlyFromAmong(Tasks);
        _solver.AcceptOnlyFromAmong([.. Solvers.All.Select(s => s.Name)]);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in All) { command.Options.Add(option); }
    }

    private IEnumerable<Option> All => [_task, _solver, .. _options.Select(o => o.Flag), _extra];

    /// <summary>Lays the given options over <paramref name="start"/>.</summary>
    public TrainOptions Apply(Arguments arguments, TrainOptions start)
    {
        arguments.HasRead(All);
        ParseResult parsed = arguments.Parsed;
        TrainOptions options = start with
        {
            Task = parsed.GetValue(_task) is { } task ? Enum.Parse<LearningTask>(task, ignoreCase: true) : start.Task,
            Solver = parsed.GetValue(_solver) ?? start.Solver,
        };
        try
        {
            foreach ((SolverOption option, Option<string?> flag) in _options)
            {
                if (parsed.GetValue(flag) is { } text) { options = option.Read(options, text); }
            }

            foreach (string assignment in parsed.GetValue(_extra) ?? [])
            {
                int equals = assignment.IndexOf('=', StringComparison.Ordinal);
                if (equals < 1 || !double.TryParse(assignment.AsSpan(equals + 1), CultureInfo.InvariantCulture, out double value))
                {
                    throw new UsageException($"--solver-option '{assignment}' is not of the form name=number");
                }

                options = options with { Extra = new Dictionary<string, double>(options.Extra) { [assignment[..equals]] = value } };
            }

            options.Validate();
        }
        catch (FactoException e)
        {
            throw new UsageException(e.Message);
        }

        return options;
    }

    private static Option<string?> Flag(SolverOption option)
    {
        string[] aliases = option.Name == OptionTable.Factors.Name ? ["-k"] : [];
        return new Option<string?>(
            $"--{option.Name}", aliases)
        {
            Description = OptionHelp.Line(option),
            HelpName = option.Kind == OptionKind.Choice ? "name" : "number"
        };
    }
}
