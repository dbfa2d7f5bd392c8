namespace Facto.Training.Options;

/// <summary>Options that the chosen solver would not read are refused, whatever way they came.</summary>
internal static class OptionRules
{
    /// <exception cref="FactoException">An option is none of the solver's.</exception>
    public static void RefuseUnknown(TrainOptions options, SolverDescription solver)
    {
        foreach (SolverOption option in Solvers.AllOptions)
        {
            if (option.Get(options) is null || solver.Option(option.Name) is not null) { continue; }
            string[] readers = [.. Solvers.All.Where(s => s.Option(option.Name) is not null).Select(s => s.Name)];
            string others = string.Join(", ", solver.Options.Where(o => o.IsOwn).Select(o => o.Name));
            string own = option.IsOwn && others.Length > 0 ? $"; {solver.Name} has {others}" : string.Empty;
            throw new FactoException(
                $"solver '{solver.Name}' has no option '{option.Name}' and would not read it; {string.Join(", ", readers)} "
                    + $"{(readers.Length == 1 ? "does" : "do")}{own}");
        }

        if (options.Extra.Keys.FirstOrDefault(name => solver.Option(name) is not { IsOwn: true }) is { } unknown)
        {
            string instead = solver.Option(unknown) is { } common ? $"it is set by --{unknown}, in facto.json by training.{common.Setting}"
                : $"it has {string.Join(", ", solver.Options.Where(o => o.IsOwn).Select(o => o.Name).DefaultIfEmpty("none of its own"))}";
            throw new FactoException($"solver '{solver.Name}' has no option '{unknown}'; {instead}");
        }
    }

    /// <exception cref="FactoException">An option is read only when others have other values.</exception>
    public static void RefuseUnread(SolverSettings settings)
    {
        foreach ((SolverOption option, double value) in settings.GivenValues)
        {
            if (option.Unread?.Invoke(settings) is { } reason)
            {
                throw new FactoException($"option {option.Name} is {option.Write(value)} and would not be read: {reason}");
            }
        }
    }
}
