using Facto.Data;
using Facto.Data.Text;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Import;

/// <summary>Imports a flat project: rows of a label and context fields (a click log), or of numbered features (libFM, libSVM,
/// LIBFFM).</summary>
internal static class FlatImporter
{
    private static readonly string[] Names = ["train", "validation", "test"];

    public static (Dictionary<string, Dataset> Parts, ImportReport Report) Read(ProjectFile project, IProgress<ImportProgress>? progress,
        CancellationToken cancellation) =>
        project.Interactions.Format == TableFormat.Sparse ? ReadSparse(project, cancellation)
            : new FlatTable(project).Read(progress, cancellation);

    private static (Dictionary<string, Dataset> Parts, ImportReport Report) ReadSparse(ProjectFile project, CancellationToken cancellation)
    {
        InteractionSource log = project.Interactions;
        (InteractionSource Log, byte Split)[] files = [.. ProjectImporter.LogFiles(project)];
        IReadOnlyList<string>[] paths = [.. files.Select(f => SourceFiles.Find(f.Log.Path, project.DataFolder))];
        Compression.Enable();
        var options = new SparseTextOptions
        {
            PositiveFrom = (float?)log.PositiveFrom,
            MaxBadLines = project.MaxBadRows > 0
            ? long.MaxValue : 0
        };
        SparseTextData data = SparseTextReader.Read(paths, options, cancellation);
        long rows = data.Parts.Sum(p => (long)p.Count) + data.BadLineCount;
        if (data.BadLineCount > project.MaxBadRows * rows)
        {
            throw new FactoException(
                $"{log.Path}: {data.BadLineCount} of {rows} lines are bad, maxBadRows allows {100 * project.MaxBadRows:0.##} %; the "
                    + $"first are:\n  {string.Join("\n  ", data.FirstBadLines)}");
        }

        var parts = new Dictionary<string, Dataset>();
        for (int f = 0; f < files.Length; f++) { parts.Add(Names[files[f].Split], data.Parts[f]); }
        bool byCoin = project.Split.Kind == SplitKind.Files ? project.Split.ValidationPath is null && project.Split.Validation > 0 : true;
        if (byCoin)
        {
            Dataset all = parts["train"];
            SplitSpec spec = project.Split.Kind == SplitKind.Files
                ? new SplitSpec { Validation = project.Split.Validation, Test = 0, Seed = project.Split.Seed } : project.Split;
            var split = DatasetSplit.Make(spec, all.Count, null, null);
            parts["train"] = all.Select(split.Train);
            if (split.Validation.Length > 0) { parts["validation"] = all.Select(split.Validation); }
            if (split.Test.Length > 0) { parts["test"] = all.Select(split.Test); }
        }

        return (parts, Report(parts, rows) with
        {
            BadRows = data.BadLineCount,
            BadReasons = data.BadLineCount == 0 ? new Dictionary<string, long>() : new Dictionary<string,
                long>
            { ["no sparse row"] = data.BadLineCount },
            FirstBadRows = data.FirstBadLines,
        });
    }

    /// <summary>Reads tables of a flat project into the fields of its model, one example per row.</summary>
    /// <param name="project">The project; its log says how tables are laid out.</param>
    /// <param name="model">Its fields; values that it does not know contribute nothing.</param>
    /// <param name="paths">The tables; a label column is read when they have it.</param>
    /// <param name="layout">Laid over the project's own layout.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <returns>The rows, and whether they have labels.</returns>
    /// <exception cref="FactoException">A table has no column that the model reads, or a row cannot be read.</exception>
    public static (Dataset Rows, bool HasLabels) ReadToPredict(
        ProjectFile project, ISeparableModel model, IReadOnlyList<string> paths, Func<TableSource, TableSource> layout,
        CancellationToken cancellation) => new FlatTableRows(project, model).Read(paths, layout, cancellation);

    internal static ImportReport Report(Dictionary<string, Dataset> parts, long rows) => new()
    {
        Rows = rows,
        Parts = parts.ToDictionary(p => p.Key, p => p.Value.Count),
        Features = parts["train"].Schema.Fields.ToDictionary(f => f.Spec.Name, f => f.Count),
    };
}

/// <summary>A table of a label and context fields: split first, fields learnt from the training rows alone.</summary>
internal sealed class FlatTable(ProjectFile project)
{
    private readonly InteractionSource _log = project.Interactions;
    private readonly List<float> _labels = [], _weights = [];
    private readonly List<long> _times = [];
    private readonly List<byte> _splits = [];
    private readonly Dictionary<string, int> _tuples = [];
    private readonly List<string> _tupleTexts = [];
    private readonly List<int> _contexts = [];
    private SeededRandom _coin = new(project.Split.Seed, 0x66696c65);
    private byte _fileSplit;

    public (Dictionary<string, Dataset> Parts, ImportReport Report) Read(IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        FieldSpec[] specs = [.. ProjectFields.SpecsOf(project)];
        string[] fieldColumns = [.. specs.Select(f => f.Column ?? f.Name).Distinct()];
        List<string> own = [_log.Label!, .. new[] { _log.Time, _log.Weight, SplitColumn }.OfType<string>()];
        string[] columns = [.. own, .. fieldColumns];
        var readings = ColumnReadings.Of(project, _log, columns, FieldSide.Context);
        var bad = new BadRows(_log);
        var excluded = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long rows = 0;
        foreach ((InteractionSource file, byte split) in ProjectImporter.LogFiles(project))
        {
            using var source = new SourceReader(file, project.DataFolder);
            _fileSplit = split;
            source.Read(columns, row =>
            {
                if (source.RowCount % 50_000 == 0) { progress?.Report(new ImportProgress("reading log", source.RowCount)); }
                readings.Apply(row);
                return Take(row, own.Count);
            }, bad.Add, cancellation);
            rows += source.RowCount;
            foreach ((string reason, long count) in source.Excluded) { excluded[reason] = excluded.GetValueOrDefault(reason) + count; }
        }

        bad.Check(project.MaxBadRows, rows);
        ColumnReadings.Check(readings.Unread(), project.MaxUnread, _log.Path);
        Dictionary<string, Dataset> parts = Build(specs, fieldColumns, cancellation);
        return (parts, FlatImporter.Report(parts, rows) with
        {
            BadRows = bad.Count,
            BadReasons = bad.Reasons,
            FirstBadRows = bad.First(),
            Excluded = excluded,
            Unread = [.. readings.Unread()]
        });
    }

    private string? SplitColumn => project.Split.Kind == SplitKind.Column ? project.Split.Column : null;

    private string? Take(string?[] row, int own)
    {
        int at = 1;
        string? Found(int c) => string.IsNullOrWhiteSpace(row[c]) ? "is empty" : $"is '{row[c]}'";
        if (!Number(row[0], out float label)) { return $"{_log.Label} (the label) {Found(0)}, not a number"; }
        Data.Building.LogTime time = default;
        if (_log.Time is not null && !Data.Building.LogTime.TryParse(row[at++], out time))
        {
            return $"{_log.Time} (the time) {Found(at - 1)}, neither a number nor a date";
        }

        float weight = 1;
        if (_log.Weight is not null && (!Number(row[at++], out weight) || weight <= 0))
        {
            return $"{_log.Weight} (the weight) {Found(at - 1)}, not a number above 0";
        }

        byte split = _fileSplit;
        if (SplitColumn is not null)
        {
            int which = Array.IndexOf(["train", "validation", "test"], row[at++]?.Trim().ToLowerInvariant());
            if (which < 0) { return $"{SplitColumn} (the split) {Found(at - 1)}, not train, validation or test"; }
            split = (byte)which;
        }
        else if (project.Split.Kind == SplitKind.Files && split == 0 && project.Split.ValidationPath is null
            && _coin.NextDouble() < project.Split.Validation)
        {
            split = 1;
        }

        _labels.Add(_log.PositiveFrom is { } positive ? (label >= positive ? 1 : 0) : label);
        if (_log.Time is not null) { _times.Add((time.Whole * Data.Building.LogTime.PerUnit) + time.Millionths); }
        if (_log.Weight is not null) { _weights.Add(_log.WeightScale == WeightScale.Log ? 1 + MathF.Log(1 + weight) : weight); }
        _splits.Add(split);
        string tuple = ListText.Join(row[own..]);
        if (!_tuples.TryGetValue(tuple, out int number))
        {
            _tuples.Add(tuple, number = _tupleTexts.Count);
            _tupleTexts.Add(tuple);
        }

        _contexts.Add(number);
        return null;
    }

    private bool Number(string? text, out float number)
    {
        bool read = NumberText.TryParse(text, _log.Decimal[0], out double value);
        number = (float)value;
        return read && float.IsFinite(number);
    }

    private Dictionary<string, Dataset> Build(FieldSpec[] specs, string[] columns, CancellationToken cancellation)
    {
        var all = new Interactions
        {
            Labels = new NativeBlock<float>([.. _labels]),
            Contexts = new NativeBlock<int>([.. _contexts]),
            Times = _log.Time is null ? null : new NativeBlock<long>([.. _times]),
            Weights = _log.Weight is null ? null : new NativeBlock<float>([.. _weights]),
        };
        var split = project.Split.Kind is SplitKind.Column or SplitKind.Files ? DatasetSplit.Of([.. _splits])
            : DatasetSplit.Make(project.Split, all.Count, null, all.Times);
        if (split.Train.Length == 0) { throw new FactoException($"no row of {_log.Path} is left for training"); }
        int[] examples = new int[_tupleTexts.Count];
        foreach (int i in split.Train) { examples[_contexts[i]]++; }
        FieldFitter[] fitters = [.. specs.Select(s => new FieldFitter(s))];
        var encoders = new List<Data.Building.FieldValues>();
        foreach (FieldSpec spec in specs)
        {
            encoders.Add(Data.Building.FieldValues.OfContext(spec, Array.IndexOf(columns, spec.Column ?? spec.Name)));
        }

        for (int t = 0; t < _tupleTexts.Count; t++)
        {
            if ((t & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            for (int f = 0; examples[t] > 0 && f < specs.Length; f++) { encoders[f].Fit(fitters[f], _tupleTexts[t], examples[t]); }
        }

        var schema = new FeatureSchema(fitters.Select(f => f.Fit()));
        SparseRows contexts = Encode(new FeatureEncoder(schema), encoders, cancellation);
        var parts = new Dictionary<string, Dataset>();
        foreach ((string name, int[] rows) in new[] { ("train", split.Train), ("validation", split.Validation), ("test", split.Test) })
        {
            if (rows.Length > 0) { parts.Add(name, new Dataset(schema, all.Select(rows), contexts: contexts)); }
        }

        return parts;
    }

    private SparseRows Encode(FeatureEncoder encoder, List<Data.Building.FieldValues> fields, CancellationToken cancellation)
    {
        var rows = new SparseRowsBuilder();
        var buffer = new FeatureBuffer();
        for (int t = 0; t < _tupleTexts.Count; t++)
        {
            if ((t & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            buffer.Clear();
            for (int f = 0; f < fields.Count; f++) { fields[f].Encode(encoder, f, _tupleTexts[t], buffer); }
            rows.AddRow(buffer.Row);
        }

        return rows.Build();
    }
}
