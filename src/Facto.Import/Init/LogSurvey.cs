namespace Facto.Import;

/// <summary>One pass over the whole log (or its first millions of rows): what the first rows could not show.</summary>
internal sealed record LogSurvey
{
    private const int MostRows = 5_000_000;

    public int Rows { get; private set; }

    public int Users { get; private set; }

    public int Items { get; private set; }

    public int WithoutUser { get; private set; }

    public int WithoutItem { get; private set; }

    /// <summary>Rows whose label or weight is 0 or less.</summary>
    public int NotPositive { get; private set; }

    /// <summary>Rows whose label or weight is no number.</summary>
    public int NoNumber { get; private set; }

    /// <summary>Rows whose time is none.</summary>
    public int NoTime { get; private set; }

    /// <summary>Whether numbers have a decimal comma ("51,83") where they are no numbers with a point.</summary>
    public bool DecimalComma { get; private set; }

    public SortedDictionary<double, int> Labels { get; } = [];

    public static LogSurvey Of(LogRoles log, string folder)
    {
        var survey = new LogSurvey();
        HashSet<string> users = [], items = [];
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> userLookup = users.GetAlternateLookup<ReadOnlySpan<char>>(),
            itemLookup = items.GetAlternateLookup<ReadOnlySpan<char>>();
        List<string> columns = [log.User!.Column.Name, log.Item!.Column.Name];
        int label = Add(log.Label), time = Add(log.Time);
        using var reader = new SourceReader(log.File.Source, folder);
        int points = 0, commas = 0;
        reader.ReadSome(columns, row =>
        {
            survey.Rows++;
            if (row[0].IsWhiteSpace()) { survey.WithoutUser++; }
            else { userLookup.Add(row[0]); }
            if (row[1].IsWhiteSpace()) { survey.WithoutItem++; }
            else { itemLookup.Add(row[1]); }
            if (label >= 0)
            {
                bool point = NumberText.TryParse(row[label], NumberText.Point, out double number);
                if (point)
                {
                    points++;
                    if (survey.Labels.Count < 200) { survey.Labels[number] = survey.Labels.GetValueOrDefault(number) + 1; }
                }
                else
                {
                    survey.NoNumber++;
                    if (NumberText.TryParse(row[label], ',', out number))
                    {
                        commas++;
                        if (survey.Labels.Count < 200) { survey.Labels[number] = survey.Labels.GetValueOrDefault(number) + 1; }
                    }
                }

                if (number <= 0) { survey.NotPositive++; }
            }

            if (time >= 0 && !Facto.Data.Building.LogTime.TryParse(row[time], out _)) { survey.NoTime++; }
            return survey.Rows < MostRows;
        });
        survey.Users = users.Count;
        survey.Items = items.Count;
        survey.DecimalComma = commas > 0 && commas > 0.9 * survey.NoNumber;
        return survey;

        int Add(Guess? guess)
        {
            if (guess is null) { return -1; }
            columns.Add(guess.Column.Name);
            return columns.Count - 1;
        }
    }
}
