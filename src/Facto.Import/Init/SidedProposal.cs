using System.Globalization;
using Facto.Data;

namespace Facto.Import;

/// <summary>Writes down a log of users and items with what joins it as a commented facto.json.</summary>
internal sealed class SidedProposal(string folder, string dataFolder, LogRoles log, LogSurvey survey, SideTable? users, SideTable? items,
    GivenSplit? given)
{
    private const int PreviewRows = 3;

    private readonly CommentedJson _json = new();
    private readonly List<string> _understood = [];
    private readonly FieldProposals _fields = new();
    private readonly OwnColumns _own = new(log);

    private string UserColumn => log.User!.Column.Name;

    private string ItemColumn => log.Item!.Column.Name;

    public ProjectProposal Propose()
    {
        _json.Comment("Proposed by 'facto init' from a look at the files: read it through, the comments say what was guessed.");
        _json.Value("name", Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar))).Value("data", dataFolder);
        double missing = Math.Max(Missing(users), Missing(items));
        if (missing > 0.01)
        {
            _json.Raw("maxUnread", Math.Min(1, Math.Ceiling(100 * missing * 1.2) / 100).ToString(CultureInfo.InvariantCulture),
                $"about {100 * missing:0.#} % of the log's ids have no row in their table: they are learnt without its fields");
        }

        Log();
        Side("users", users, log.User!, ColumnRole.User);
        Side("items", items, log.Item!, ColumnRole.Item);
        Fields();
        Split();
        Training();
        return new ProjectProposal(_json.Text, _understood, Preview());
    }

    private static double Missing(SideTable? table) => table is null ? 0 : 1 - table.Found;

    private void Log()
    {
        string what = log.File.Kind switch
        {
            FileKind.Lists => "lists of a user's items",
            FileKind.Matrix =>
            "a matrix of users and items",
            _ => "one row per user and item"
        };
        Understood(
            $"log: {log.File.Source.Path}, {what}; {survey.Rows} rows{(survey.Rows >= 5_000_000 ? " looked at" : string.Empty)}, "
                + $"{survey.Users} users, {survey.Items} items");
        _json.Comment($"The log: {what}.").Open("interactions").Source(log.File.Source);
        Role("user", log.User!);
        Role("item", log.Item!);
        Label();
        if (log.Time is { } time) { Role("time", time); }
        else { Understood("time: none was found (the order of a file is not taken for time)"); }
        _json.Value("repeated", "keepLast", "one user and item more than once: keepLast, sum, keepAll or error");
        Exclude(user: true, item: true, amount: log.Meaning == LabelMeaning.Amount);
        _json.Close();
    }

    private void Role(string role, Guess guess)
    {
        Understood($"{role}: column '{guess.Column.Name}' ({guess.Says}: {guess.Why}; {guess.Column.Examples})");
        _json.Value(role, guess.Column.Name, guess.Sure < 0.6 ? $"a guess: {guess.Why}; say --{role} COLUMN when it is another" : null);
    }

    private void Label()
    {
        if (log.Label is not { } label)
        {
            Understood("label: none, every row is a positive");
            return;
        }

        string name = label.Column.Name;
        if (log.Meaning == LabelMeaning.Amount)
        {
            Understood(
                $"weight: column '{name}' ({label.Says}: {label.Why}; counts or money from {label.Column.Low} to {label.Column.High}, "
                    + $"so no threshold but a weight, its logarithm)");
            _json.Value("weight", name).Value("weightScale", "log",
                "counts and money are skewed: 1 + ln(1 + x); \"none\" takes them as they are");
        }
        else
        {
            Understood(
                $"label: column '{name}' ({label.Says}: {label.Why}; "
                    + (log.Meaning == LabelMeaning.Binary ? "yes and no)" : $"a scale from {label.Column.Low} to {label.Column.High})"));
            _json.Value("label", name);
            if (log.Meaning == LabelMeaning.Rating)
            {
                _json.Raw("positiveFrom", Text(Threshold()),
                $"{PositiveShare():0} % of the ratings are at least this and count as positive; leave it out, with the task regression, "
                    + $"to predict the rating itself");
            }
            else if (survey.Labels.ContainsKey(-1)) { _json.Raw("positiveFrom", "1", "the labels are -1 and 1"); }
        }

        if (survey.DecimalComma) { _json.Value("decimal", ",", "numbers have a decimal comma"); }
    }

    // From three quarters of the scale on; where that leaves too few, from the middle of what was given.
    private double Threshold()
    {
        double low = Math.Min(survey.Labels.Keys.First(), 1), high = survey.Labels.Keys.Last();
        double[] values = [.. survey.Labels.Keys];
        double from = values.FirstOrDefault(v => v >= low + (0.7 * (high - low)), high);
        if (Share(from) >= 0.15) { return from; }
        return values.LastOrDefault(v => Share(v) >= 0.3, from);
    }

    private double PositiveShare() => 100 * Share(Threshold());

    private double Share(double from) => survey.Labels.Where(l => l.Key >= from).Sum(l => (double)l.Value) / Math.Max(1,
        survey.Labels.Values.Sum());

    private void Exclude(bool user, bool item, bool amount)
    {
        var rules = new List<string>();
        void Rule(string when, string reason) => rules.Add(
            $"{{ \"when\": {CommentedJson.Quote(when)}, \"reason\": {CommentedJson.Quote(reason)} }}");
        if (user && survey.WithoutUser > 0.001 * survey.Rows) { Rule($"{Sql.Name(UserColumn)} IS NULL", "without a user"); }
        if (item && survey.WithoutItem > 0.001 * survey.Rows) { Rule($"{Sql.Name(ItemColumn)} IS NULL", "without an item"); }
        if (amount && survey.NotPositive > 0)
        {
            Rule($"TRY_CAST({Sql.Name(log.Label!.Column.Name)} AS DOUBLE) <= 0", "amount of 0 or less (returns)");
        }

        if (rules.Count > 0)
        {
            _json.Raw("exclude", $"[{string.Join(", ", rules)}]",
            "rows that do not belong into the data; they are counted");
        }
    }

    private void Side(string name, SideTable? table, Guess key, ColumnRole side)
    {
        ColumnProfile? title = null;
        if (table is not null)
        {
            Understood(
                $"{name}: {table.File.Source.Path}, joined by its column '{table.Id.Name}' ({table.Why}; {100 * table.Found:0.#} % of "
                    + $"the log's ids have a row)");
            _json.Open(name).Source(table.File.Source).Value("id", table.Id.Name);
            if (side == ColumnRole.Item) { title = Title(table); }
        }
        else
        {
            title = side == ColumnRole.Item ? _own.Title : null;
            if (title is null && _own.Of(side).Count == 0) { return; }
            Understood(
                $"{name}: columns of the log that are the same for all rows of {(side == ColumnRole.User ? "a user" : "an item")} "
                    + $"({string.Join(", ", _own.Of(side).Select(c => c.Name).Concat(title is null ? [] : [title.Name]))})");
            _json.Comment($"Columns of the log that belong to the {(side == ColumnRole.User ? "user" : "item")}.").Open(name)
                .Source(log.File.Source).Value("id", key.Column.Name);
            Exclude(user: side == ColumnRole.User, item: side == ColumnRole.Item, amount: false);
        }

        if (title is not null)
        {
            _json.Value("title", title.Name);
            Understood($"title: column '{title.Name}' ({title.Examples})");
        }

        _json.Close();
    }

    // A column called so, or the first of texts that differ from row to row.
    private static ColumnProfile? Title(SideTable table)
    {
        IEnumerable<ColumnProfile> texts = table.File.Columns.Where(c => c != table.Id && !c.IsNumeric && !c.IsList && c.Filled > 0);
        (ColumnProfile Column, double Fit) named = texts.Select(c =>
            (c, ColumnWords.Fit(c.Name, ColumnRole.Title))).OrderByDescending(c => c.Item2).FirstOrDefault();
        if (named.Fit > 0) { return named.Column; }
        return table.File.Source.Header ? null : texts.FirstOrDefault(c => c.Distinct > 0.8 * c.Filled && !c.IsDate);
    }

    private void Fields()
    {
        _json.Line("\"fields\": [");
        SideFields("user", users, ColumnRole.User, log.User!.Column);
        SideFields("item", items, ColumnRole.Item, log.Item!.Column);
        foreach (ColumnProfile column in log.Rest.Where(c => !_own.All.Contains(c) && c != _own.Title && !c.IsNumeric && !c.IsDate
            && c.Distinct is >= 2 and <= 200))
        {
            if (_fields.Line(column, "context", column.Values) is { } line)
            {
                _json.Line($"  // {line}   a column of the log: take it in when it is known at the time of a request");
            }
        }

        _json.Line("],");
    }

    private void SideFields(string side, SideTable? table, ColumnRole role, ColumnProfile key)
    {
        _json.Line(PackedId.Field(side, key)
            ?? $"  {{ \"name\": \"{side}\", \"side\": "
                + $"\"{side}\"{(key.Name == side ? string.Empty : $", \"column\": {CommentedJson.Quote(key.Name)}")} }},");
        if (table is not null)
        {
            ColumnProfile? title = role == ColumnRole.Item ? Title(table) : null;
            foreach (ColumnProfile column in table.File.Columns.Where(c => c != table.Id && c != title
                && ColumnWords.Plain(c.Name) is not ("column1" or "row") | !table.File.Source.Header))
            {
                if (_fields.Line(column, side, column.Values) is { } line) { _json.Line($"  {line}"); }
            }

            return;
        }

        foreach (ColumnProfile column in _own.Of(role))
        {
            if (_fields.Line(column, side, OwnColumns.OnePerKey(key, column)) is { } line) { _json.Line($"  {line}"); }
        }
    }

    private void Split()
    {
        double each = (double)survey.Rows / Math.Max(1, survey.Users);
        string kind;
        if (given is not null)
        {
            kind = "files";
            _json.Comment("The split was given by files; a share of the training file validates when no file does.");
            string paths = string.Concat(new[] { ("validationPath", given.Validation), ("testPath", given.Test) }.Where(p =>
                p.Item2 is not null).Select(p => $", \"{p.Item1}\": {CommentedJson.Quote(p.Item2!.Source.Path)}"));
            _json.Line(
                $"\"split\": {{ \"kind\": \"files\"{paths}{(given.Validation is null ? ", \"validation\": 0.1" : string.Empty)} }},");
        }
        else if (log.Time is null)
        {
            kind = "random";
            _json.Comment("There is no time: a random tenth tests, another validates.")
                .Line("\"split\": { \"kind\": \"random\", \"validation\": 0.1, \"test\": 0.1 },");
        }
        else if (log.Meaning == LabelMeaning.Binary || each < 2.5)
        {
            kind = "time";
            _json.Comment("The newest tenth tests, the tenth before it validates.")
                .Line("\"split\": { \"kind\": \"time\", \"validation\": 0.1, \"test\": 0.1 },");
        }
        else
        {
            kind = "leaveLast";
            _json.Comment("The last interaction of each user tests, the one before it validates.")
                .Line("\"split\": { \"kind\": \"leaveLast\", \"last\": 1 },");
        }

        FileLook?[] files = given is null ? [] : [given.Train, given.Validation, given.Test];
        string names = string.Join(", ", files.OfType<FileLook>().Select(f => f.Name));
        Understood($"split: {kind}{(given is null ? string.Empty : $" ({names})")}");
    }

    private void Training()
    {
        if (log.Meaning == LabelMeaning.Binary)
        {
            Understood("task: binary, the probability of a yes");
            _json.Comment("The labels are yes and no: predict their probability.")
                .Line("\"training\": { \"task\": \"binary\", \"solver\": \"adagrad\", \"factors\": 16, \"epochs\": 20 },");
            return;
        }

        Understood("task: ranking of the catalogue");
        _json.Comment("Rank the catalogue: every item that a user does not have counts a little against it.");
        _json.Line("\"training\": { \"task\": \"ranking\", \"solver\": \"icd\", \"factors\": 32, \"epochs\": 20 },");
    }

    private List<IReadOnlyList<string>> Preview()
    {
        var rows = new List<IReadOnlyList<string>> { (string[])["user", "item", log.Meaning == LabelMeaning.Amount ? "weight" : "label",
            "time"] };
        for (int r = 0; r < Math.Min(PreviewRows, log.File.Rows); r++)
        {
            string label = log.Label is null ? "1" : log.Label.Column.Values[r];
            if (log.Meaning == LabelMeaning.Rating && ColumnProfile.Number(label) is { } number)
            {
                label = $"{label} → {(number >= Threshold() ? 1 : 0)}";
            }

            string time = log.Time?.Column.Values[r] ?? string.Empty;
            if (log.Time is { Column.CanBeEpoch: true } && TimeText.TryParse(time, out long seconds))
            {
                time = $"{time} ({DateTimeOffset.FromUnixTimeSeconds(TimeText.SecondsOf(seconds)):yyyy-MM-dd HH:mm})";
            }

            rows.Add((string[])[log.User!.Column.Values[r], log.Item!.Column.Values[r], label, time]);
        }

        return rows;
    }

    private void Understood(string line) => _understood.Add(line);

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>Ids that are made of numbers of several fields ("187-958-967"): a feature for each instead of one for the whole.</summary>
internal static class PackedId
{
    public static string? Field(string side, ColumnProfile key)
    {
        foreach (char separator in (char[])['-', '_', ':', '#'])
        {
            string[][] ids = [.. key.Values.Where(v => v.Length > 0).Take(2000).Select(v => v.Split(separator))];
            bool packed = ids.Length > 20 && ids[0].Length > 1
                && ids.All(i => i.Length == ids[0].Length && i.All(p => p.Length > 0 && p.All(char.IsAsciiDigit)));
            // Dates and codes are no fields: the parts must come again far more often than the whole.
            bool comeAgain = packed && ids.SelectMany(i => i).Distinct().Count() < ids.Select(i =>
                string.Join(separator, i)).Distinct().Count() * (ids[0].Length > 2 ? 1.0 : 1.05);
            if (comeAgain)
            {
                return $"  {{ \"name\": \"{side}\", \"side\": \"{side}\", \"kind\": \"multiCategorical\", \"column\": "
                    + $"{CommentedJson.Quote(key.Name)}, \"separator\": \"{separator}\", \"pooling\": \"sum\" }},   // the ids are made "
                        + $"of several numbers: each is a feature";
            }
        }

        return null;
    }
}
