namespace Facto.Import;

/// <summary>What a log's label is.</summary>
internal enum LabelMeaning
{
    /// <summary>Every row is a positive.</summary>
    None,

    /// <summary>Two values, yes and no.</summary>
    Binary,

    /// <summary>A scale, such as one to five stars.</summary>
    Rating,

    /// <summary>Counts or money: the more the stronger, no threshold.</summary>
    Amount,
}

/// <summary>A column, how sure its role is (0 to 1) and why.</summary>
internal sealed record Guess(ColumnProfile Column, double Sure, string Why)
{
    public string Says => Sure >= 0.9 ? "sure" : Sure >= 0.6 ? "likely" : "a guess";
}

/// <summary>Which columns of a table say who, what, how much and when: by names in many vocabularies, then by what the values look
/// like.</summary>
internal sealed class LogRoles
{
    private readonly InitHints _hints;
    private readonly IReadOnlyCollection<string> _noTimes;
    private readonly HashSet<ColumnProfile> _taken = [];
    private FileLook _file;

    private LogRoles(FileLook file, InitHints hints, IReadOnlyCollection<string> noTimes)
    {
        _file = file;
        _hints = hints;
        _noTimes = noTimes;
    }

    public FileLook File => _file;

    public Guess? User { get; private set; }

    public Guess? Item { get; private set; }

    public Guess? Label { get; private set; }

    public Guess? Time { get; private set; }

    public LabelMeaning Meaning { get; private set; }

    /// <summary>How much it looks like a log: user and item known by name count most, then label and time.</summary>
    public double Score { get; private set; }

    /// <summary>Columns that nothing was made of yet.</summary>
    public IEnumerable<ColumnProfile> Rest => _file.Columns.Where(c => !_taken.Contains(c));

    /// <summary>Whether users or items come again, as they do in a log and not in a table of one side.</summary>
    public bool IsLog => User is not null && Item is not null && (Repeats(User.Column) || Repeats(Item.Column));

    /// <param name="file">The table.</param>
    /// <param name="hints">What the user says.</param>
    /// <param name="noTimes">Columns that turned out to be no time.</param>
    public static LogRoles Of(FileLook file, InitHints hints, params IReadOnlyCollection<string> noTimes)
    {
        var roles = new LogRoles(file, hints, noTimes);
        roles.Find();
        return roles;
    }

    /// <summary>Calls the columns of a file without a header by their roles.</summary>
    public void NameColumns()
    {
        if (_file.Source.Header || _file.Kind != FileKind.Table || _file.Source.Columns is null) { return; }
        string[] names = [.. _file.Source.Columns];
        string label = Meaning switch { LabelMeaning.Rating => "rating", LabelMeaning.Amount => "amount", _ => "label" };
        foreach ((Guess? guess, string name) in new[] { (User, "user"), (Item, "item"), (Label, label), (Time, "time") })
        {
            if (guess is null) { continue; }
            guess.Column.Name = names[guess.Column.Position] = name;
        }

        _file = _file with { Source = _file.Source with { Columns = names } };
    }

    private void Find()
    {
        User = Hinted(_hints.User, "--user") ?? ByName(ColumnRole.User, c => c.CanBeId);
        Item = Hinted(_hints.Item, "--item") ?? ByName(ColumnRole.Item, c => c.CanBeId);
        Time = _hints.Time == "none" ? null : Hinted(_hints.Time, "--time")
            ?? ByName(ColumnRole.Time, c => c.Distinct > 1 && (c.IsDate || c.IsNumeric) && !_noTimes.Contains(c.Name)) ?? TimeByValues();
        FindLabel();
        ByValues();
        if (_file.Kind == FileKind.Lists) { (Time, Label, Meaning) = (null, null, LabelMeaning.None); }
        Score = (User?.Sure ?? 0) + (Item?.Sure ?? 0) + (Label is null ? 0 : 0.3 * Label.Sure) + (Time is null ? 0 : 0.3 * Time.Sure);
    }

    private Guess? Hinted(string? name, string option)
    {
        if (name is null || name == "none") { return null; }
        ColumnProfile? column = _file.Column(name) ?? _file.Columns.FirstOrDefault(c =>
            ColumnWords.Plain(c.Name) == ColumnWords.Plain(name));
        if (column is null) { return null; }
        _taken.Add(column);
        return new Guess(column, 1, $"by {option}");
    }

    private Guess? ByName(ColumnRole role, Func<ColumnProfile, bool> fits)
    {
        (ColumnProfile Column, double Fit) best = _file.Columns.Where(c => !_taken.Contains(c) && fits(c)).Select(c =>
            (c, ColumnWords.Fit(c.Name, role))).OrderByDescending(c => c.Item2).FirstOrDefault();
        if (best.Column is null || best.Fit == 0) { return null; }
        _taken.Add(best.Column);
        return new Guess(best.Column, best.Fit, "by its name");
    }

    private Guess? TimeByValues()
    {
        ColumnProfile? column = _file.Columns.FirstOrDefault(c => !_noTimes.Contains(c.Name) && !_taken.Contains(c) && c.IsDate
            && c.Distinct > 0.02 * c.Filled)
            ?? _file.Columns.FirstOrDefault(c => !_noTimes.Contains(c.Name) && !_taken.Contains(c) && c.CanBeEpoch && c.IsNumeric
                && c.Distinct > Math.Min(20, 0.02 * c.Filled));
        if (column is null) { return null; }
        _taken.Add(column);
        return new Guess(column, 0.8, column.IsDate ? "its values are dates" : "its values are seconds (or ms, µs, ns) since 1970");
    }

    private void FindLabel()
    {
        if (_hints.Label == "none") { return; }
        Label = Hinted(_hints.Label, "--label") ?? ByName(ColumnRole.Label, c => (c.IsNumeric || c.IsTruth) && !c.CanBeEpoch);
        if (Label is not null)
        {
            Meaning = MeaningOf(Label.Column, byName: ColumnWords.Fit(Label.Column.Name,
                ColumnRole.Count) > ColumnWords.Fit(Label.Column.Name, ColumnRole.Label));
            // A column of one value says nothing: every row is a positive.
            if (Meaning == LabelMeaning.None && Label.Sure < 1) { Label = null; }
            if (Label is not null) { return; }
        }

        Label = ByName(ColumnRole.Count, c => c.IsNumeric && c.Distinct > 1 && !c.CanBeEpoch);
        Meaning = Label is null ? LabelMeaning.None : LabelMeaning.Amount;
    }

    private static LabelMeaning MeaningOf(ColumnProfile column, bool byName)
    {
        if (column.Distinct < 2) { return LabelMeaning.None; }
        if (column.IsTruth) { return LabelMeaning.Binary; }
        double[] values = [.. column.Values.Select(ColumnProfile.Number).OfType<double>().Distinct()];
        if (values.Length == 2 && values.Contains(1) && (values.Contains(0) || values.Contains(-1))) { return LabelMeaning.Binary; }
        bool scale = values.Length <= 21 && column.High <= 10 && column.Low >= -10;
        bool percent = column.High <= 100 && column.Low >= 0 && values.Length <= 101;
        return !byName && (scale || percent || column.High - column.Low <= 20.5) ? LabelMeaning.Rating : LabelMeaning.Amount;
    }

    // What names did not say: ids repeat, a scale has few values.
    private void ByValues()
    {
        ColumnProfile[] ids = [.. _file.Columns.Where(c => !_taken.Contains(c) && c.CanBeId && Repeats(c)
            && c.Distinct >= Math.Min(10, 0.005 * c.Filled) && !IsScale(c) && ColumnWords.Fit(c.Name, ColumnRole.Title) < 1
            && !IsNumberOfItsOwn(c))];
        bool headerless = !_file.Source.Header;
        if (User is null && Item is null)
        {
            if (ids.Length < 2 || (_file.Columns.Count > 8 && !headerless) || _file.Columns.Count > 12) { return; }
            ColumnProfile[] two = [.. ids.OrderByDescending(c => c.Distinct).Take(2).OrderBy(c => c.Position)];
            User = Take(two[0], headerless ? 0.6 : 0.45, "its values come again like ids, and it stands first");
            Item = Take(two[1], headerless ? 0.6 : 0.45, "its values come again like ids");
        }
        else if (User is null && ids.Length > 0) { User = Take(ids.MaxBy(c => c.Distinct)!, 0.4, "its values come again like ids"); }
        else if (Item is null && ids.Length > 0) { Item = Take(ids.MaxBy(c => c.Distinct)!, 0.4, "its values come again like ids"); }

        if (Label is null && _hints.Label != "none" && headerless && User is not null && Item is not null)
        {
            ColumnProfile? scale = Rest.FirstOrDefault(c => c.Position > Item.Column.Position && c.IsNumeric && IsScale(c)
                && c.Distinct > 1);
            if (scale is null) { return; }
            Label = Take(scale, 0.6, $"its values are a scale from {scale.Low} to {scale.High}");
            Meaning = MeaningOf(scale, byName: false);
        }
    }

    private Guess Take(ColumnProfile column, double sure, string why)
    {
        _taken.Add(column);
        return new Guess(column, sure, why);
    }

    private static bool Repeats(ColumnProfile column) => column.Distinct < 0.97 * column.Filled;

    private static bool IsScale(ColumnProfile column) => column.IsNumeric && column.Distinct <= 21 && column.High <= 10
        && column.Low >= -10;

    // Prices, ages and measurements have names of their own.
    private static bool IsNumberOfItsOwn(ColumnProfile column) => column.IsNumeric && column.Name.Length > 0
        && ColumnWords.IsKnown(column.Name)
        && ColumnWords.Fit(column.Name, ColumnRole.User) == 0 && ColumnWords.Fit(column.Name, ColumnRole.Item) == 0;
}
