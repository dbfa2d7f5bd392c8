using System.Globalization;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Cli.Demo;

/// <summary>
/// A believable film log for machines that are offline, in MovieLens' columns: films with titles and genres, popular ones and rare ones,
/// people who like two genres each and a decade. Always the same, and always said to be generated.
/// </summary>
internal static class GeneratedWorld
{
    private const int Films = 600, People = 500;

    private static readonly string[] Genres =
        ["Adventure", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy", "Mystery", "Romance", "Sci-Fi"];
    private static readonly string[] Firsts = [
        "Silent", "Last", "Crimson", "Paper", "Winter", "Golden", "Broken", "Hidden", "Northern", "Electric", "Quiet", "Second", "Distant",
        "Wild", "Glass", "Burning", "Lonely", "Secret", "Blue", "Long"];
    private static readonly string[] Seconds = [
        "Harbour", "Station", "Garden", "Letter", "Orbit", "River", "Promise", "Detective", "Kingdom", "Summer", "Witness", "Bridge",
        "Island", "Machine", "Orchard", "Voyage", "Neighbour", "Mountain", "Circus", "Shore", "Clock", "Bakery", "Signal", "Forest",
        "Debt", "Parade", "Lantern", "Meadow", "Library", "Road"];

    /// <summary>Writes ratings.csv and movies.csv.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var random = new SeededRandom(20);
        var films = new (int[] Genres, int Decade, double Appeal)[Films];
        for (int f = 0; f < Films; f++) { films[f] = Film(ref random); }
        DurableFile.WriteText(Path.Combine(folder, "movies.csv"), movies =>
        {
            movies.WriteLine("movieId,title,genres");
            for (int f = 0; f < Films; f++)
            {
                string title = $"The {Firsts[f % Firsts.Length]} {Seconds[f / Firsts.Length % Seconds.Length]} "
                    + $"({films[f].Decade + (f * 7 % 10)})";
                movies.WriteLine($"{f + 1},{title},{string.Join('|', films[f].Genres.Select(g => Genres[g]))}");
            }
        });
        DurableFile.WriteText(Path.Combine(folder, "ratings.csv"), ratings =>
        {
            ratings.WriteLine("userId,movieId,rating,timestamp");
            for (int person = 0; person < People; person++) { WritePerson(person, films, ref random, ratings); }
        });
    }

    private static (int[] Genres, int Decade, double Appeal) Film(ref SeededRandom random)
    {
        int first = random.NextInt(Genres.Length), second = random.NextInt(Genres.Length);
        return (first == second ? [first] : [first, second], 1970 + (10 * random.NextInt(5)), 1.2 * random.NextNormal());
    }

    // Draws films without repeats by the largest utility + Gumbel noise, then rates each by how much of the taste it meets.
    private static void WritePerson(
        int person, (int[] Genres, int Decade, double Appeal)[] films, ref SeededRandom random, TextWriter ratings)
    {
        int favourite = random.NextInt(Genres.Length), other = random.NextInt(Genres.Length), decade = 1970 + (10 * random.NextInt(5)),
            count = 15 + random.NextInt(60);
        var drawn = new (double Utility, int Film, double Taste)[films.Length];
        for (int f = 0; f < films.Length; f++)
        {
            double taste = (films[f].Genres.Contains(favourite) ? 1.9 : 0) + (films[f].Genres.Contains(other) ? 1.1 : 0)
                + (films[f].Decade == decade ? 0.8 : 0);
            drawn[f] = (films[f].Appeal + taste - Math.Log(-Math.Log(random.NextDouble() + 1e-12)), f, taste);
        }

        int time = 1_500_000_000 + (person * 1000);
        (double Utility, int Film, double Taste)[] seen = [.. drawn.OrderByDescending(d => d.Utility).Take(count)];
        random.Shuffle(seen.AsSpan());
        foreach ((_, int film, double taste) in seen)
        {
            double stars =
                Math.Clamp(Math.Round(2 * (2.6 + (0.5 * taste) + (0.3 * films[film].Appeal) + (0.6 * random.NextNormal()))) / 2, 0.5, 5);
            ratings.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{person + 1},{film + 1},{stars:0.0},{time++}"));
        }
    }
}
