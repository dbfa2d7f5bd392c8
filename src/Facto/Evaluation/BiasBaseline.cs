namespace Facto.Evaluation;

/// <summary>
/// The rating that needs no model: mean + item bias + user bias, each bias the mean of what is left over, drawn towards 0 where there are
/// few ratings (Koren, Bell and Volinsky 2009; the constants 25 and 10 are those of Koren 2010, "Factor in the neighbors").
/// </summary>
internal sealed class BiasBaseline
{
    private const double ItemShrinkage = 25, UserShrinkage = 10;

    private readonly double[] _users, _items;

    public BiasBaseline(Dataset train)
    {
        ReadOnlySpan<int> users = train.Interactions.Users!.Span, items = train.Interactions.Items!.Span;
        ReadOnlySpan<float> labels = train.Interactions.Labels.Span;
        foreach (float label in labels) { Mean += label / labels.Length; }
        _items = Biases(items, labels, train.Items!.RowCount, ItemShrinkage, users, []);
        _users = Biases(users, labels, train.Users!.RowCount, UserShrinkage, items, _items);
    }

    /// <summary>Mean of the training labels.</summary>
    public double Mean { get; }

    public float[] Predict(Dataset test)
    {
        float[] predictions = new float[test.Count];
        for (int i = 0; i < predictions.Length; i++)
        {
            predictions[i] = (float)(Mean + _users[test.Interactions.Users![i]] + _items[test.Interactions.Items![i]]);
        }

        return predictions;
    }

    private double[] Biases(
        ReadOnlySpan<int> rows, ReadOnlySpan<float> labels, int count, double shrinkage, ReadOnlySpan<int> others,
            ReadOnlySpan<double> otherBias)
    {
        double[] sums = new double[count], counts = new double[count];
        for (int i = 0; i < rows.Length; i++)
        {
            sums[rows[i]] += labels[i] - Mean - (otherBias.IsEmpty ? 0 : otherBias[others[i]]);
            counts[rows[i]]++;
        }

        for (int r = 0; r < count; r++) { sums[r] /= counts[r] + shrinkage; }
        return sums;
    }
}
