using System.Globalization;
using Facto.Data;

namespace Facto.Models.Text;

/// <summary>The numbers that a libSVM or libFFM file gives features, for models in the text of other tools.</summary>
internal sealed class FeatureNumbers
{
    private readonly int[] _featureOf;   // file's number → feature, −1 for none

    /// <exception cref="FactoException">Features have names, or a number stands for two features.</exception>
    public FeatureNumbers(FeatureSchema schema)
    {
        int[] numbers = new int[schema.FeatureCount];
        foreach (Field field in schema.Fields)
        {
            for (int i = 0; i < field.Count; i++) { numbers[field.Offset + i] = Number(field, i); }
        }

        Count = numbers.Length == 0 ? 0 : numbers.Max() + 1;
        _featureOf = new int[Count];
        Array.Fill(_featureOf, -1);
        for (int i = 0; i < numbers.Length; i++)
        {
            if (_featureOf[numbers[i]] >= 0)
            {
                throw new FactoException($"number {numbers[i]} of the data stands under two fields and is two features here, which the "
                    + $"text of xLearn and libFM cannot say; give each field numbers of its own");
            }

            _featureOf[numbers[i]] = i;
        }
    }

    /// <summary>One more than the largest number.</summary>
    public int Count { get; }

    /// <summary>The feature of a number, −1 when the data have none.</summary>
    public int FeatureOf(int number) => (uint)number < (uint)Count ? _featureOf[number] : -1;

    private static int Number(Field field, int value) => field.Vocabulary is not { } vocabulary ? field.Offset + value
        : int.TryParse(vocabulary[value], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new FactoException($"field '{field.Spec.Name}' has the value '{vocabulary[value]}', which is no number: the text of "
            + $"xLearn and libFM numbers features, so such a model is written from numbered data only");
}
