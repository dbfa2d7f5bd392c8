using Facto.Data;
using Facto.Retrieval;
using Facto.Training.Tuning;

namespace Facto.Import;

/// <summary>What the types of facto.json cannot say: ranges, and settings that exclude one another.</summary>
internal static class ProjectChecks
{
    public static void Check(ProjectFile project, string path)
    {
        void Require(bool good, string sentence)
        {
            if (!good) { throw new FactoException($"{path}: {sentence}"); }
        }

        InteractionSource log = project.Interactions;
        Require(project.MaxBadRows is >= 0 and <= 1, $"maxBadRows is {project.MaxBadRows}: it is a share and must lie between 0 and 1");
        Require(project.MaxUnread is >= 0 and <= 1, $"maxUnread is {project.MaxUnread}: it is a share and must lie between 0 and 1");
        FlatChecks(project, Require);
        Require(log.WeightScale == WeightScale.None || log.Weight is not null, "interactions.weightScale needs interactions.weight");
        Require(log.NegativeUpTo is null || log.PositiveFrom is not null, "interactions.negativeUpTo needs interactions.positiveFrom");
        Require(log.NegativeUpTo is null
            || log.NegativeUpTo < log.PositiveFrom,
            $"interactions.negativeUpTo {log.NegativeUpTo} must be below interactions.positiveFrom {log.PositiveFrom}");
        Require(log.PositiveFrom is null || log.Label is not null
            || log.Format == TableFormat.Sparse, "interactions.positiveFrom needs interactions.label, the column that it is compared with");
        Require(log.Label is not null || log.Repeated != RepeatedPairs.Sum
            || project.Negatives is null, "interactions.repeated sum counts rows into labels: it does not go together with negatives");
        Require(project.Negatives is null or { PerPositive: >= 1 and <= 1000 },
            $"negatives.perPositive is {project.Negatives?.PerPositive}: it must lie between 1 and 1000");
        Require(project.Negatives is null || log.Label is null
            || log.PositiveFrom is not null,
            "negatives are drawn for positives (label 1): leave interactions.label out or set interactions.positiveFrom");
        SourceChecks([log, project.Users, project.Items], Require);
        string? twice = project.Fields.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
        Require(twice is null, $"field '{twice}' occurs twice: names must differ");
        foreach (FieldSpec field in project.Fields)
        {
            Require(field.Kind != FieldKind.Bag
                || field.Side != FieldSide.Context, $"field '{field.Name}' is a bag of the context side: bags belong to users or items");
            Require(field.TimePart is null
                || field.Kind == FieldKind.Categorical,
                $"field '{field.Name}' has timePart {field.TimePart}: only a categorical field takes a part of a time");
            Require(field.MinCount >= 1, $"field '{field.Name}' has minCount {field.MinCount}: it must be 1 or more");
            Require(field.Recent >= 0, $"field '{field.Name}' has recent {field.Recent}: it must be 0 (all) or more");
            Require(field.Kind != FieldKind.Hashed
                || field.HashBuckets >= 1, $"field '{field.Name}' is hashed: set hashBuckets to 1 or more");
            Require(field.Buckets is 0 or >= 2, $"field '{field.Name}' has {field.Buckets} buckets: set 2 or more, or 0 for none");
        }

        TuningSpec tuning = project.Tuning;
        Require(tuning is { Trials: >= 1, Rungs: >= 1, Reduction: >= 2 },
            $"tuning has {tuning.Trials} trials, {tuning.Rungs} rungs and reduction {tuning.Reduction}: they must be at least 1, 1 and 2");
        foreach ((string name, string range) in tuning.Space) { SearchDimension.Parse(name, range); }
        Require(IndexKinds.IsKnown(project.Retrieval.Index),
            $"retrieval.index is {project.Retrieval.Index}: it must be one of {string.Join(", ", IndexKinds.Names)}");
        Require(project.Retrieval.Floor is >= 0 and <= 1,
            $"retrieval.floor is {project.Retrieval.Floor}: it is a recall and must lie between 0 and 1");
        Require(project.Retrieval.At is >= 1 and <= 10_000, $"retrieval.at is {project.Retrieval.At}: it must lie between 1 and 10000");
        Require(project.Retrieval.CodeBytes is >= 0 and <= 64,
            $"retrieval.codeBytes is {project.Retrieval.CodeBytes}: it must lie between 0 (a byte per coordinate) and 64");
        ServingSpec serving = project.Serving;
        Require(
            Uri.CheckHostName(serving.Address) != UriHostNameType.Unknown,
            $"serving.address is '{serving.Address}': it must be an address or a host name, such as 127.0.0.1");
        Require(serving.Port is >= 0 and <= 65535, $"serving.port is {serving.Port}: it must lie between 0 (any free one) and 65535");
        project.Split.Validate();
        project.Training.Validate();
        if (project.Stages is { } stages) { StageChecks.Check(stages, Require); }
    }

    private static void SourceChecks(TableSource?[] sources, Action<bool, string> require)
    {
        foreach (TableSource? source in sources)
        {
            if (source is null) { continue; }
            string[] encodings = ["utf-8", "latin-1", "utf-16"];
            require(encodings.Contains(source.Encoding),
                $"encoding '{source.Encoding}' of {source.Path} is not known; use {string.Join(", ", encodings)}");
            require(source.Delimiter is null or { Length: > 0 and <= 4 },
                $"the delimiter '{source.Delimiter}' of {source.Path} must have 1 to 4 characters");
            require(source.Decimal is "." or ",", $"the decimal mark '{source.Decimal}' of {source.Path} must be . or ,");
            require(source.Quote is null or { Length: <= 1 },
                $"the quote '{source.Quote}' of {source.Path} must be one character, or empty for none");
        }
    }

    // A flat project has no sides, and nothing that needs them.
    private static void FlatChecks(ProjectFile project, Action<bool, string> require)
    {
        InteractionSource log = project.Interactions;
        require((log.User.Length == 0) == (log.Item.Length == 0),
            "interactions.user and interactions.item go together: name both, or neither for a log without users and items");
        require(log.Format != TableFormat.Sparse
            || log.IsFlat, "interactions.format sparse has no columns: leave out interactions.user and interactions.item");
        if (!log.IsFlat) { return; }
        require(log.Label is not null
            || log.Format == TableFormat.Sparse,
            "a log without interactions.user and interactions.item needs interactions.label: there would be nothing to learn");
        require(project.Users is null
            && project.Items is null, "a log without interactions.user and interactions.item has no tables of users and items");
        require(project.Negatives is null, "negatives are drawn for users: they need interactions.user and interactions.item");
        require(project.Fields.All(f => f.Side == FieldSide.Context),
            "a log without interactions.user and interactions.item has fields of the context side only");
        require(project.Fields.Count > 0
            || log.Format == TableFormat.Sparse, "a log without interactions.user and interactions.item needs fields");
        require(project.Split.Kind is SplitKind.Random or SplitKind.Time or SplitKind.None or SplitKind.Files or SplitKind.Column,
            $"split.kind {project.Split.Kind} needs users: use random, time, files, column or none");
    }
}
