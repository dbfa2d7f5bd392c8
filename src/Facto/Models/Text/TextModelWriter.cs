using System.Globalization;
using Facto.Data;
using Facto.Models.Family;

namespace Facto.Models.Text;

/// <summary>Whose text.</summary>
internal enum TextModelFormat
{
    /// <summary>xLearn's (<c>-t</c>): "bias: b", "i_j: w", then "v_j: …" of an FM or "v_j_f: …" of an FFM.</summary>
    XLearn,

    /// <summary>libFM's (<c>-save_model</c>): three sections, each after a line that begins with '#'.</summary>
    LibFm,
}

/// <summary>Writes an FM, or an FFM, as the text that xLearn or libFM writes. Numbers have nine digits, so that they come back as the same
/// floats.</summary>
internal static class TextModelWriter
{
    /// <exception cref="FactoException">The format has no such model, or the features have no numbers.</exception>
    public static void Write(ISeparableModel model, TextModelFormat format, string path) =>
        DurableFile.WriteText(path, text => Write(model, format, text));

    public static void Write(ISeparableModel model, TextModelFormat format, TextWriter text)
    {
        var numbers = new FeatureNumbers(model.Schema);
        switch (model)
        {
            case FmModel { Similarity: Similarity.Dot } fm when format == TextModelFormat.XLearn: WriteXLearn(fm, numbers, text); break;
            case FmModel { Similarity: Similarity.Dot } fm: WriteLibFm(fm, numbers, text); break;
            case FieldAwareModel aware when format == TextModelFormat.XLearn: WriteXLearn(aware, numbers, text); break;
            default:
                throw new FactoException(
                $"a {model.GetType().Name} has no text in the format {format}: xLearn writes FM and FFM, libFM writes FM");
        }
    }

    private static void WriteXLearn(FmModel model, FeatureNumbers numbers, TextWriter text)
    {
        text.Write($"bias: {Text(model.Bias)}\n");
        for (int j = 0; j < numbers.Count; j++)
        {
            text.Write($"i_{j}: {Text(numbers.FeatureOf(j) is >= 0 and int i ? model.Linear[i] : 0)}\n");
        }
        float[] none = new float[model.FactorCount];
        for (int j = 0; j < numbers.Count && model.FactorCount > 0; j++)
        {
            WriteVector(text, $"v_{j}: ", numbers.FeatureOf(j) is >= 0 and int i ? model.Factors.Row(i) : none);
        }
    }

    private static void WriteXLearn(FieldAwareModel model, FeatureNumbers numbers, TextWriter text)
    {
        text.Write($"bias: {Text(model.Numbers.Bias)}\n");
        for (int j = 0; j < numbers.Count; j++)
        {
            text.Write($"i_{j}: {Text(numbers.FeatureOf(j) is >= 0 and int i ? model.Numbers.Weight(i) : 0)}\n");
        }
        int[] fields = FieldNumbers(model.Schema);
        float[] none = new float[model.Shape.FactorCount];
        for (int j = 0; j < numbers.Count; j++)
        {
            for (int f = 0; f <= fields.DefaultIfEmpty(-1).Max(); f++)
            {
                int field = Array.IndexOf(fields, f), feature = numbers.FeatureOf(j);
                WriteVector(text, $"v_{j}_{f}: ", feature >= 0 && field >= 0 ? model.Vector(feature, field) : none);
            }
        }
    }

    private static void WriteLibFm(FmModel model, FeatureNumbers numbers, TextWriter text)
    {
        text.Write($"#global bias W0\n{Text(model.Bias)}\n#unary interactions Wj\n");
        for (int j = 0; j < numbers.Count; j++) { text.Write($"{Text(numbers.FeatureOf(j) is >= 0 and int i ? model.Linear[i] : 0)}\n"); }
        text.Write("#pairwise interactions Vj,f\n");
        float[] none = new float[model.FactorCount];
        for (int j = 0; j < numbers.Count; j++)
        {
            WriteVector(text, string.Empty, numbers.FeatureOf(j) is >= 0 and int i ? model.Factors.Row(i) : none);
        }
    }

    /// <summary>The number of each field in a libFFM file: what stands behind "field" in its name, or its position.</summary>
    internal static int[] FieldNumbers(FeatureSchema schema) => [.. schema.Fields.Select((field, f) =>
        field.Spec.Name.StartsWith("field", StringComparison.Ordinal) && int.TryParse(field.Spec.Name.AsSpan(5), NumberStyles.None,
            CultureInfo.InvariantCulture, out int number) ? number : f)];

    private static void WriteVector(TextWriter text, string head, ReadOnlySpan<float> v)
    {
        text.Write(head);
        for (int d = 0; d < v.Length; d++) { text.Write(d == 0 ? Text(v[d]) : $" {Text(v[d])}"); }
        text.Write('\n');
    }

    private static string Text(float value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
