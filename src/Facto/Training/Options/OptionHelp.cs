using System.Text;

namespace Facto.Training.Options;

/// <summary>The tables as text: for <c>--help</c>, <c>facto help</c> and docs/options.md.</summary>
internal static class OptionHelp
{
    /// <summary>One option over all solvers: what it does, its range, its defaults, who reads it.</summary>
    public static string Line(SolverOption option)
    {
        (SolverDescription Solver, SolverOption Option)[] readers = [.. Solvers.All
            .Select(s => (Solver: s, Option: s.Option(option.Name)!)).Where(r => r.Option is not null)];
        string who = readers.Length == Solvers.All.Count ? string.Empty : $"{string.Join(", ", readers.Select(r => r.Solver.Name))}: ";
        (string Words, string Names)[] defaults = [.. readers
            .GroupBy(r => r.Option.Default).Select(g => (g.Key, string.Join(", ", g.Select(r => r.Solver.Name))))];
        string standard = defaults.Length == 1 ? defaults[0].Words : string.Join("; ", defaults.Select(d => $"{d.Names}: {d.Words}"));
        return $"{who}{option.Summary}; {option.Range} [default: {standard}]";
    }

    /// <summary>The options that belong to single solvers, by solver.</summary>
    public static string OwnOptions() => string.Join("; ", Solvers.All
        .Select(s => (s.Name, Own: string.Join(", ", s.Options.Where(o => o.IsOwn).Select(o => o.Name))))
        .Where(s => s.Own.Length > 0).GroupBy(s => s.Own).Select(g => $"{string.Join(", ", g.Select(s => s.Name))}: {g.Key}"));

    /// <summary>docs/options.md.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("# Solver options\n\nWritten from the tables in `src/Facto/Training/Options` by a test; change them there.\n")
            .Append("An option is given as `--name value`, an option of one solver alone as `--solver-option name=value`;\n")
            .Append("in facto.json it stands in the section `training` under the name in the second column.\n")
            .Append("An option that the chosen solver would not read is refused.\n");
        foreach (SolverDescription solver in Solvers.All.Where(s => s.IsOfLibrary)) { text.Append(Section(solver)); }
        return text.ToString();
    }

    /// <summary>One solver and all of its options.</summary>
    public static string Section(SolverDescription solver)
    {
        var text = new StringBuilder();
        text.Append(
            $"\n## {solver.Name}\n\n{Sentence(solver.Summary)} Tasks: {string.Join(", ", solver.Tasks.Select(OptionWords.Of))}.\n\n")
            .Append("| option | facto.json | range | default | what it does | when to change it | source |\n")
            .Append("|---|---|---|---|---|---|---|\n");
        foreach (SolverOption o in solver.Options)
        {
            text.Append($"| {o.Name} | {o.Setting} | {o.Range} | {o.Default} | {o.Summary} | {o.WhenToChange} | {o.Source} |\n");
        }

        return text.ToString();
    }

    private static string Sentence(string words) => char.ToUpperInvariant(words[0]) + words[1..] + ".";
}
