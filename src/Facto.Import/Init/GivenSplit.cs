using System.Text.RegularExpressions;

namespace Facto.Import;

/// <summary>Files that are one data set already split: train, validation, test by their names, with the same layout.</summary>
internal sealed partial record GivenSplit(FileLook Train, FileLook? Validation, FileLook? Test)
{
    /// <summary>The partners of a file whose name says that it trains, or null.</summary>
    public static GivenSplit? Of(FileLook train, IReadOnlyList<FileLook> files)
    {
        Match word = TrainWord().Match(train.Name);
        if (!word.Success) { return null; }
        FileLook? Partner(params string[] names) => train.Kind == FileKind.Lists
            ? names.Select(n => List(train, word, n)).FirstOrDefault(f => f is not null)
            : names.Select(n => files.FirstOrDefault(f => f.Path != train.Path && Same(train, f)
            && f.Name.Equals(train.Name[..word.Index] + n + train.Name[(word.Index + word.Length)..], StringComparison.OrdinalIgnoreCase)
                && Folder(f) == Folder(train))).FirstOrDefault(f => f is not null);
        FileLook? test = Partner("test", "tests", "testing", "tst", "eval"),
            validation = Partner("validation", "valid", "val", "dev", "vali");
        return test is null && validation is null ? null : new GivenSplit(train, validation, test);
    }

    public static bool IsTrain(FileLook file) => TrainWord().IsMatch(file.Name);

    public static bool IsHeldOut(FileLook file) => HeldOutWord().IsMatch(file.Name);

    // Short lists do not look like lists: the name says enough.
    private static FileLook? List(FileLook train, Match word, string name)
    {
        string Renamed(string path) => path[..^train.Name.Length] + train.Name[..word.Index] + name
            + train.Name[(word.Index + word.Length)..];
        string path = Renamed(train.Path);
        return File.Exists(path) ? new FileLook(path, train.Kind, train.Source with { Path = Renamed(train.Source.Path) }, train.Columns)
            : null;
    }

    private static bool Same(FileLook a, FileLook b) => a.Kind == b.Kind && a.Columns.Count == b.Columns.Count
        && a.Source.Header == b.Source.Header && a.Source.Delimiter == b.Source.Delimiter
        && (!a.Source.Header || a.Columns.Select(c => c.Name).SequenceEqual(b.Columns.Select(c => c.Name)));

    private static string? Folder(FileLook file) => Path.GetDirectoryName(file.Path);

    [GeneratedRegex("(?<![A-Za-z])(train|training|trn|base|tr)(?![A-Za-z])", RegexOptions.IgnoreCase)]
    private static partial Regex TrainWord();

    [GeneratedRegex("(?<![A-Za-z])(test|tests|testing|tst|validation|valid|val|dev|eval|te)(?![A-Za-z])", RegexOptions.IgnoreCase)]
    private static partial Regex HeldOutWord();
}
