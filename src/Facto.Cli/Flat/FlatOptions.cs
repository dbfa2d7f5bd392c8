using System.CommandLine;
using Facto.Cli.Commands;
using Facto.Data;
using Facto.Import.Life;

namespace Facto.Cli.Flat;

/// <summary>The options that name flat files and say how to read them.</summary>
internal sealed class FlatOptions
{
    private readonly Option<string[]> _train = new("--train")
    {
        Description = "Training files (libFM, libSVM or libFFM text, also .gz; with --task ranking also lists: a line 'user item item …' "
            + "per user)",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string[]> _validation = new("--validation")
    {
        Description = "Files for early stopping",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string[]> _test = new("--test")
    {
        Description = "Files to judge the model on",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _groups = new("--groups") { Description = "libFM's group file: line i is the field of feature i" };
    private readonly Option<string?> _sides = new("--sides")
    {
        Description = "Side of each field, as user,item,context: splits a flat file in two sides",
    };
    private readonly Option<bool?> _zeroBased = new("--zero-based")
    {
        Description =
            "true or false: whether the first line of --groups is feature 0, or feature 1 of files that number from 1 [default: as "
            + "the numbers fit]",
    };
    private readonly Option<float?> _positiveFrom = new("--positive-from")
    {
        Description = "Labels of at least this are positive and all others negative; without it a binary task takes 0 and 1, or -1 and 1",
    };
    private readonly Option<double> _holdout = new("--holdout");
    private readonly Option<long> _badLines = new("--max-bad-lines")
    {
        Description = "Leave out at most so many bad lines instead of failing",
    };
    private bool _withTest;

    public void AddTo(Command command, bool withTest)
    {
        _withTest = withTest;
        _holdout.Description = withTest
            ? "Choose the number of epochs on this share of train, then learn from all of it"
            : "Without --validation: judge on this share of train [default: 0.1]";
        _test.Hidden = !withTest;   // known all the same, so that whoever gives it hears why not
        foreach (Option option in (Option[])[_train, _validation, _test, _groups, _sides, _zeroBased, _positiveFrom, _holdout, _badLines])
        {
            command.Options.Add(option);
        }
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_train) is { Length: > 0 };

    /// <summary>The share of --holdout; of a project too.</summary>
    public double Share(Arguments arguments)
    {
        double share = arguments.Get(_holdout);
        return share is >= 0 and < 1
            ? share
            : throw new UsageException(FormattableString.Invariant($"--holdout is {share}; it must be at least 0 and below 1"));
    }

    public FlatJob Job(Arguments arguments)
    {
        if (!_withTest && arguments.Has(_test))
        {
            throw new UsageException("--test has no place here: options are chosen on the validation split, and test files are for "
                + "judging the result once; leave it out");
        }

        string[] validation = arguments.Get(_validation) ?? [];
        if (Share(arguments) > 0 && validation.Length > 0)
        {
            throw new UsageException("--holdout and --validation both choose the number of epochs: give one of them");
        }

        if (arguments.Get(_zeroBased) is not null && arguments.Get(_groups) is null)
        {
            throw new UsageException("--zero-based says where the lines of --groups begin: give --groups FILE too, or leave it out; "
                + "numbers of features stay as the files have them");
        }

        return new FlatJob
        {
            Train = arguments.Get(_train)!,
            Validation = validation,
            Test = arguments.Get(_test) ?? [],
            Groups = arguments.Get(_groups),
            ZeroBased = arguments.Get(_zeroBased),
            Sides = ParseSides(arguments.Get(_sides)),
            PositiveFrom = Finite(arguments.Get(_positiveFrom)),
            MaxBadLines = arguments.Get(_badLines),
        };
    }

    private static float? Finite(float? positiveFrom) => positiveFrom is { } label && !float.IsFinite(label)
        ? throw new UsageException($"--positive-from is {label}; it must be a finite number, such as 4")
        : positiveFrom;

    private static FieldSide[]? ParseSides(string? text) => text is null ? null : [.. text.Split(',').Select(side =>
        Enum.TryParse(side.Trim(), ignoreCase: true, out FieldSide parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw new UsageException($"--sides has '{side}'; each must be user, item or context"))];
}
