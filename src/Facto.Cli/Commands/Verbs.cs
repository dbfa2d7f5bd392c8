using System.CommandLine;

namespace Facto.Cli.Commands;

/// <summary>Every verb in the order in which help lists them. To add one: write a file with a Create method, add one line here.</summary>
internal static class Verbs
{
    public static IReadOnlyList<Command> All { get; } =
    [
        DemoCommand.Create(),
        InitCommand.Create(),
        ImportCommand.Create(),
        TrainCommand.Create(),
        TuneCommand.Create(),
        EvaluateCommand.Create(),
        PredictCommand.Create(),
        ExportCommand.Create(),
        IndexCommand.Create(),
        RecommendCommand.Create(),
        SimilarCommand.Create(),
        ExplainCommand.Create(),
        ServeCommand.Create(),
        InspectCommand.Create(),
        HelpCommand.Create(),
    ];
}
