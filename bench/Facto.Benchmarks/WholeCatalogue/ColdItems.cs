using System.Globalization;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>
/// MovieLens-1M (ratings ≥ 4) with every tenth movie kept out of training: how well its features alone (genres, year, decade, words of the
/// title) place it; then one warm-started pass with half of its ratings; then, as the ceiling, training from scratch with that half. Judged
/// on the other half, among the withheld movies and among all.
/// </summary>
internal static class ColdItems
{
    public static int Run(string folder, TrainOptions options, float? movieRegularization, int every, int[] cutoffs)
    {
        (Dataset all, bool[] cold) = Load(folder, movieRegularization);
        var random = new SeededRandom(11);
        List<int> warm = [], half = [], test = [];
        for (int i = 0; i < all.Count; i++)
        {
            bool isCold = cold[all.Interactions.Items![i]];
            (!isCold ? warm : random.NextInt(2) == 0 ? half : test).Add(i);
        }

        Dataset without = all.Select([.. warm]), with = all.Select([.. warm, .. half]), held = all.Select([.. test]);
        Func<ICatalogueScorer, ICatalogueScorer> coldOnly = s => new AmongScorer(s, cold);
        RankingTask task = RankingTask.PerUser(with, held);
        Baseline("random, among withheld movies", coldOnly(new RandomScorer(3)));
        Baseline("popularity (half of the ratings known), among withheld movies", coldOnly(new PopularityScorer()));
        Baseline("popularity (half of the ratings known), among all movies", new PopularityScorer());
        FmModel model = Stage("features only", without, options, null);
        Stage("one warm-started pass with half of the ratings", with, options with { Epochs = 1 }, model);
        Stage("from scratch with half of the ratings", with, options, null);
        return 0;

        void Baseline(string name, ICatalogueScorer scorer) =>
            Console.WriteLine($"{name}: {IcdBench.Describe(RankingEvaluator.Evaluate(scorer, task, cutoffs, threads: 2), cutoffs)}");

        FmModel Stage(string name, Dataset train, TrainOptions how, FmModel? start)
        {
            Console.WriteLine($"== {name}, among withheld movies");
            FmModel learnt = IcdBench.Report(new IcdData(train, held, with), how, every, cutoffs, start, coldOnly);
            Console.WriteLine($"== {name}, among all movies");
            IcdBench.Report(new IcdData(train, held, with), how, Math.Max(every, SolverSettings.Of(how).Epochs), cutoffs, start);
            return learnt;
        }
    }

    private static (Dataset Data, bool[] Cold) Load(string folder, float? movieRegularization)
    {
        var users = new IcdData.Numbers();
        var items = new IcdData.Numbers();
        IcdData.Numbers[] attributes = [new(), new(), new()];   // gender, age, occupation
        var userValues = new List<int[]>();
        foreach (string[] f in Lines("users.dat"))
        {
            userValues.Add([users.Of(f[0]), attributes[0].Of(f[1]), attributes[1].Of(f[2]), attributes[2].Of(f[3])]);
        }

        IcdData.Numbers genres = new(), years = new(), decades = new(), words = new();
        var movies = new List<(int Year, int Decade, int[] Genres, int[] Words)>();
        foreach (string[] f in Lines("movies.dat"))
        {
            _ = items.Of(f[0]);
            string year = f[1][^5..^1];
            movies.Add(
                (years.Of(year), decades.Of(year[..3]), [.. f[2].Split('|').Select(genres.Of)], [.. TitleWords(f[1]).Select(words.Of)]));
        }

        var schema = new FeatureSchema(
        [
            IcdData.Field("user", FieldSide.User, users.Count), IcdData.Field("gender", FieldSide.User, attributes[0].Count),
            IcdData.Field("age", FieldSide.User, attributes[1].Count), IcdData.Field("occupation", FieldSide.User, attributes[2].Count),
            new Field { Spec = new FieldSpec { Name = "movie", Side = FieldSide.Item, RegularizationFactors = movieRegularization,
                RegularizationLinear = movieRegularization }, Count = items.Count },
            IcdData.Field("year", FieldSide.Item, years.Count),
            IcdData.Field("decade", FieldSide.Item, decades.Count), IcdData.Field("genre", FieldSide.Item, genres.Count),
                IcdData.Field("word", FieldSide.Item, words.Count),
        ]);
        var itemRows = new SparseRowsBuilder();
        for (int t = 0; t < movies.Count; t++)
        {
            itemRows.Add(schema.Find("movie")!.Offset + t);
            itemRows.Add(schema.Find("year")!.Offset + movies[t].Year);
            itemRows.Add(schema.Find("decade")!.Offset + movies[t].Decade);
            foreach (int genre in movies[t].Genres) { itemRows.Add(schema.Find("genre")!.Offset + genre, 1f / movies[t].Genres.Length); }
            foreach (int word in movies[t].Words)
            {
                itemRows.Add(schema.Find("word")!.Offset + word, 1f / MathF.Sqrt(movies[t].Words.Length));
            }
            itemRows.EndRow();
        }

        List<(int U, int T, float Label)> pairs =
        [
            .. File.ReadLines(Path.Combine(folder, "ratings.tsv")).Skip(1).Select(l => l.Split('\t'))
                .Where(f => float.Parse(f[2], CultureInfo.InvariantCulture) >= 4).Select(f => (users.Of(f[0]), items.Of(f[1]), 1f)),
        ];
        bool[] cold = new bool[movies.Count];
        var random = new SeededRandom(10);
        for (int t = 0; t < cold.Length; t++) { cold[t] = random.NextInt(10) == 0; }
        return (new Dataset(schema, IcdData.Interactions(pairs), IcdData.Rows(userValues, [.. schema.Fields.Take(4)]), itemRows.Build()),
            cold);

        IEnumerable<string[]> Lines(string name) =>
            File.ReadLines(Path.Combine(folder, name), System.Text.Encoding.Latin1).Select(l => l.Split("::"));
    }

    // "Batman Returns (1992)" → batman, returns: what sequels share.
    private static IEnumerable<string> TitleWords(string title) =>
        title[..^6].ToLowerInvariant().Split([' ', ',', '.', ':', '(', ')', '&', '!', '?', '-'], StringSplitOptions.RemoveEmptyEntries)
            .Where(w => w.Length > 2 && w is not "the" and not "and").Distinct();

    // Lets only some items into the lists: NaN never enters.
    private sealed class AmongScorer(ICatalogueScorer inner, bool[] allowed) : ICatalogueScorer
    {
        public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
        {
            inner.Score(task, firstQuery, queryCount, scores);
            for (int q = 0; q < queryCount; q++)
            {
                for (int t = 0; t < allowed.Length; t++)
                {
                    if (!allowed[t]) { scores[(q * task.ScoreStride) + t] = float.NaN; }
                }
            }
        }
    }
}
