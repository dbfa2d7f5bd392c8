using Facto.Data;
using Facto.Data.Building;
using Facto.Import.Life;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Import;

/// <summary>Tables of a flat project as rows of its model's fields, to be predicted.</summary>
internal sealed class FlatTableRows(ProjectFile project, ISeparableModel model)
{
    private readonly FieldSpec[] _specs = [.. model.Schema.Fields.Select(f => f.Spec)];
    private readonly SparseRowsBuilder _rows = new();
    private readonly FeatureBuffer _buffer = new();
    private readonly List<float> _labels = [];
    private bool _hasLabels = true;

    public (Dataset Rows, bool HasLabels) Read(
        IReadOnlyList<string> paths, Func<TableSource, TableSource> layout, CancellationToken cancellation)
    {
        var encoder = new FeatureEncoder(model.Schema);
        foreach (string path in paths)
        {
            TableSource source = layout(TableLayout.Of(project.Interactions with { Exclude = [] }, path));
            using var table = new TableRows(source);
            string[] columns = [.. _specs.Select(s => s.Column ?? s.Name).Distinct()];
            if (columns.Where(c => !table.Columns.Contains(c)).ToArray() is { Length: > 0 } missing)
            {
                throw new FactoException($"{path} has no column {string.Join(", ", missing.Select(m => $"'{m}'"))}, which the model reads; "
                    + $"its columns are {string.Join(", ", table.Columns)}");
            }

            string label = project.Interactions.Label!;
            bool labelled = table.Columns.Contains(label);
            _hasLabels &= labelled;
            FieldValues[] fields =
                [.. _specs.Select(s => FieldValues.OfContext(s, Array.IndexOf(columns, s.Column ?? s.Name)))];
            string[] wanted = labelled ? [.. columns, label] : columns;
            var readings = ColumnReadings.Of(project, source, columns, FieldSide.Context);
            table.Read(wanted, row =>
            {
                string?[] values = [.. row];
                readings.Apply(values);
                string tuple = ListText.Join(values.Take(columns.Length));
                _buffer.Clear();
                for (int f = 0; f < fields.Length; f++) { fields[f].Encode(encoder, f, tuple, _buffer); }
                _rows.AddRow(_buffer.Row);
                _labels.Add(labelled ? Label(row[^1], source.Decimal[0]) : 0);
            }, cancellation);
        }

        var interactions = new Interactions
        {
            Labels = new NativeBlock<float>([.. _labels]),
            Contexts = new NativeBlock<int>([.. Enumerable.Range(0, _labels.Count)]),
        };
        var rows = new Dataset(model.Schema, interactions, contexts: _rows.Build());
        return (rows, _hasLabels && _labels.Count > 0);
    }

    // A label that is missing or no number of the task's is only not measured.
    private float Label(string? text, char mark)
    {
        _hasLabels &= NumberText.TryParse(text, mark, out double number);
        if (project.Interactions.PositiveFrom is { } positive) { return number >= positive ? 1 : 0; }
        if (model.Task != LearningTask.Binary) { return (float)number; }
        _hasLabels &= number is 0 or 1 or -1;
        return number > 0 ? 1 : 0;
    }
}
