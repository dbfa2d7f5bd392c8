using System.Globalization;
using Facto.Data;
using Facto.Models.Family;

namespace Facto.Models.Text;

/// <summary>
/// Reads the text that xLearn or libFM writes, over the schema of the data that the model was learnt from: the text numbers features and
/// says nothing of their fields. xLearn divides every example by its length unless told not to (<c>--no-norm</c>): such a model scores
/// other values than it was given.
/// </summary>
internal sealed class TextModelReader
{
    private readonly string _path;
    private readonly IEnumerator<string> _lines;
    private readonly FeatureSchema _schema;
    private readonly FeatureNumbers _numbers;
    private readonly LearningTask _task;
    private int _line;

    private TextModelReader(string path, FeatureSchema schema, LearningTask task)
    {
        (_path, _schema, _task, _numbers) = (path, schema, task, new FeatureNumbers(schema));
        _lines = File.ReadLines(path).GetEnumerator();
    }

    /// <summary>True when the file begins as one of the two texts does.</summary>
    public static bool Knows(string path) =>
        File.Exists(path) && File.ReadLines(path).FirstOrDefault() is { } line && (line.StartsWith("bias:",
            StringComparison.Ordinal) || line.StartsWith("#global bias", StringComparison.Ordinal));

    /// <exception cref="FactoException">A line is not what the format has there; the message names file, line and what was
    /// found.</exception>
    public static ISeparableModel Read(string path, FeatureSchema schema, LearningTask task)
    {
        var reader = new TextModelReader(path, schema, task);
        string first = reader.Next("'bias: b' of xLearn or '#global bias W0' of libFM");
        return first.StartsWith("bias:", StringComparison.Ordinal) ? reader.ReadXLearn(first)
            : first.StartsWith("#global bias", StringComparison.Ordinal) ? reader.ReadLibFm()
            : throw reader.Wrong("'bias: b' of xLearn or '#global bias W0' of libFM", first);
    }

    private FmModel ReadLibFm()
    {
        float bias = Number(Next("w0"));
        Section("#unary interactions");
        var weights = new List<float>();
        string line = Next("a weight per feature");
        for (; !line.StartsWith('#'); line = Next("'#pairwise interactions Vj,f'")) { weights.Add(Number(line)); }
        if (!line.StartsWith("#pairwise interactions", StringComparison.Ordinal)) { throw Wrong("'#pairwise interactions Vj,f'", line); }
        FmModel? model = null;
        for (int j = 0; j < weights.Count; j++)
        {
            float[] v = Numbers(weights.Count == 0 ? string.Empty : Next("the factors of a feature"));
            model ??= new FmModel(_schema, _task, v.Length) { Bias = bias };
            Put(model, j, weights[j], v);
        }

        return model ?? new FmModel(_schema, _task, 0) { Bias = bias };
    }

    private ISeparableModel ReadXLearn(string first)
    {
        float bias = Number(first["bias:".Length..]);
        var weights = new List<float>();
        var vectors = new Dictionary<(int Feature, int Field), float[]>();
        int k = 0;
        bool aware = false;
        while (_lines.MoveNext())
        {
            _line++;
            string line = _lines.Current;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] name = colon < 0 ? [] : line[..colon].Split('_');
            if (name is ["i", var j] && Index(j) == weights.Count) { weights.Add(Number(line[(colon + 1)..])); }
            else if (name is ["v", _] or ["v", _, _])
            {
                float[] v = Numbers(line[(colon + 1)..]);
                if (vectors.Count > 0 && (v.Length != k || aware != (name.Length == 3)))
                {
                    throw Wrong($"a vector of {k} numbers as in the lines before", line);
                }
                (k, aware) = (v.Length, name.Length == 3);
                vectors[(Index(name[1]), aware ? Index(name[2]) : 0)] = v;
            }
            else { throw Wrong($"'i_{weights.Count}: w', 'v_j: …' or 'v_j_f: …'", line); }
        }

        return aware ? Aware(bias, weights, vectors, k) : Plain(bias, weights, vectors, k);
    }

    private FmModel Plain(float bias, List<float> weights, Dictionary<(int Feature, int Field), float[]> vectors, int k)
    {
        var model = new FmModel(_schema, _task, k) { Bias = bias };
        for (int j = 0; j < weights.Count; j++) { Put(model, j, weights[j], vectors.GetValueOrDefault((j, 0)) ?? []); }
        return model;
    }

    private FamilyModel Aware(float bias, List<float> weights, Dictionary<(int Feature, int Field), float[]> vectors, int k)
    {
        var shape = new FamilyShape(ModelFamily.Ffm, k);
        var store = new FamilyStore(_schema.FeatureCount, shape.Columns(_schema), 0) { Bias = bias };
        for (int j = 0; j < weights.Count; j++)
        {
            if (_numbers.FeatureOf(j) is >= 0 and int feature) { store.Weight(feature) = weights[j]; }
        }

        int[] fields = TextModelWriter.FieldNumbers(_schema);
        foreach (((int j, int f), float[] v) in vectors)
        {
            int feature = _numbers.FeatureOf(j), field = Array.IndexOf(fields, f);
            if (feature >= 0 && field >= 0) { v.CopyTo(store.Row(feature).Slice(field * k, k)); }
        }

        return FamilyModel.Create(shape, _schema, _task, store);
    }

    private void Put(FmModel model, int number, float weight, float[] v)
    {
        if (v.Length != model.FactorCount) { throw Wrong($"{model.FactorCount} numbers as in the lines before", string.Join(' ', v)); }
        if (_numbers.FeatureOf(number) is not (>= 0 and int feature)) { return; }
        model.Linear[feature] = weight;
        v.CopyTo(model.Factors.Row(feature));
    }

    private void Section(string head)
    {
        string line = Next($"'{head}'");
        if (!line.StartsWith(head, StringComparison.Ordinal)) { throw Wrong($"'{head}'", line); }
    }

    private string Next(string expected)
    {
        _line++;
        return _lines.MoveNext() ? _lines.Current : throw Wrong(expected, "the end of the file");
    }

    private float[] Numbers(string text) => [.. text.Split(' ',
        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Number)];

    private float Number(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture,
        out float value) && float.IsFinite(value) ? value : throw Wrong("a finite number", text);

    private int Index(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture,
        out int value) ? value : throw Wrong("a whole number from 0", text);

    private FactoException Wrong(string expected,
        string found) => new($"{_path}:{_line}: expected {expected}; found '{(found.Length > 60 ? found[..60] + "…" : found)}'");
}
