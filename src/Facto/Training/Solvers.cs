using System.Collections.Immutable;
using Facto.Data;
using Facto.Models;
using Facto.Training.Bayesian;
using Facto.Training.Options;
using Facto.Training.Ranking;
using Facto.Training.Sgd;
using Facto.Training.WholeCatalogue;

namespace Facto.Training;

/// <summary>
/// All solvers. To add one to the library: a file with an <see cref="ISolver"/>, its list of options, one line here. From outside:
/// <see cref="Register"/>.
/// </summary>
public static class Solvers
{
    private static readonly Lock s_lock = new();

    private static ImmutableArray<SolverDescription> s_all =
    [
        SgdSolvers.AdaGrad,
        SgdSolvers.Sgd,
        SgdSolvers.Adam,
        SgdSolvers.Sgda,
        CatalogueSolvers.Icd,
        RankingSolvers.Softmax,
        RankingSolvers.Bilateral,
        RankingSolvers.SoftmaxAtK,
        RankingSolvers.Bpr,
        RankingSolvers.Warp,
        BayesianSolvers.Als,
        BayesianSolvers.Gibbs,
    ];

    /// <summary>Every solver, in the order in which help lists them; registered ones last.</summary>
    public static IReadOnlyList<SolverDescription> All => s_all;

    /// <summary>Every option of every solver, those of one name once.</summary>
    internal static IEnumerable<SolverOption> AllOptions => s_all.SelectMany(s => s.Options).DistinctBy(o => o.Name);

    /// <summary>Adds a solver; from then on it is found by name, everywhere in the process. Safe to call from any thread.</summary>
    /// <exception cref="FactoException">There is one of this name already.</exception>
    public static void Register(SolverDescription solver)
    {
        ArgumentNullException.ThrowIfNull(solver);
        lock (s_lock)
        {
            if (s_all.Any(s => s.Name == solver.Name))
            {
                throw new FactoException($"there is a solver '{solver.Name}' already; give yours another name");
            }
            s_all = s_all.Add(solver);
        }
    }

    /// <summary>The solver called <paramref name="name"/>.</summary>
    /// <exception cref="FactoException">There is none.</exception>
    public static SolverDescription Find(string name) =>
        s_all.FirstOrDefault(s => s.Name == name)
        ?? throw new FactoException($"solver '{name}' is unknown; choose one of {string.Join(", ", s_all.Select(s => s.Name))}");

    /// <summary>
    /// The solver of a task when none is named: icd for rankings (every pair counts, few options), or bsl when a history is tied to the
    /// items' vectors, which icd cannot learn; gibbs for ordered classes, adagrad otherwise.
    /// </summary>
    internal static string DefaultFor(LearningTask task, Dataset? data = null) => task switch
    {
        LearningTask.Ranking when data is not null && HasTiedBag(data) => RankingSolvers.Bilateral.Name,
        LearningTask.Ranking => CatalogueSolvers.Icd.Name,
        LearningTask.Ordinal => BayesianSolvers.Gibbs.Name,
        _ => SgdSolvers.AdaGrad.Name,
    };

    /// <summary>True when a history uses the items' own vectors.</summary>
    internal static bool HasTiedBag(Dataset data) => data.Schema.Fields.Any(f => f.Spec is { Kind: FieldKind.Bag, Tied: true });
}
