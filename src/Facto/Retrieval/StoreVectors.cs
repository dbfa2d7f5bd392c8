using System.Globalization;
using Facto.Data;

namespace Facto.Retrieval;

/// <summary>By what a vector store ranks.</summary>
public enum StoreMetric
{
    /// <summary>Inner product: vectors are kept as they are.</summary>
    InnerProduct,

    /// <summary>Cosine alone: item vectors get one coordinate more that makes all of them equally long, users a zero, so that the order is the inner product's.</summary>
    Cosine,

    /// <summary>Cosine, with the vectors as they are: right only when all items are equally long, refused otherwise.</summary>
    CosineAsIs,
}

/// <summary>
/// Vectors for somebody else's vector store, so that its ranking is Facto's: for a store that knows only cosine, item x becomes [x; √(M² − ‖x‖²)]/M with M the
/// longest item (Bachrach et al. 2014) and user q becomes [q; 0], whose cosine is ⟨q,x⟩/(M‖q‖).
/// </summary>
public sealed class StoreVectors
{
    private const double EqualLength = 1e-5;

    private readonly VectorTable _items;
    private readonly double[] _norms;
    private readonly double _longest;

    /// <summary>Checks that the store will rank these items as Facto does.</summary>
    /// <exception cref="FactoException">A vector is not finite or, for <see cref="StoreMetric.CosineAsIs"/>, items differ in length, so that cosine would rank them wrongly.</exception>
    internal StoreVectors(VectorTable items, StoreMetric metric)
    {
        _items = items;
        Metric = metric;
        _norms = new double[items.Count];
        double shortest = double.PositiveInfinity;
        for (int row = 0; row < items.Count; row++)
        {
            double squares = 0;
            foreach (float value in items.Vectors.Row(row)) { squares += (double)value * value; }
            if (!double.IsFinite(squares)) { throw new FactoException($"item '{items.Id(row)}' has a vector that is not finite; a store would rank it anywhere: train the model anew with a smaller learning rate"); }
            _norms[row] = Math.Sqrt(squares);
            _longest = Math.Max(_longest, _norms[row]);
            shortest = Math.Min(shortest, _norms[row]);
        }

        if (metric == StoreMetric.CosineAsIs && items.Count > 0 && _longest - shortest > EqualLength * _longest)
        {
            throw new FactoException(string.Create(CultureInfo.InvariantCulture,
                $"item vectors are {shortest:G4} to {_longest:G4} long: ranking them by cosine would drop the items' own quality and be wrong; choose the metric {nameof(StoreMetric.InnerProduct)}, or {nameof(StoreMetric.Cosine)} for vectors with one more coordinate"));
        }
    }

    /// <summary>By what the store ranks.</summary>
    public StoreMetric Metric { get; }

    /// <summary>Number of items.</summary>
    public int Count => _items.Count;

    /// <summary>Coordinates that the store's vectors have.</summary>
    public int Dimension => _items.Dimension + (Metric == StoreMetric.Cosine ? 1 : 0);

    /// <summary>The external id of an item.</summary>
    public string Id(int row) => _items.Id(row);

    /// <summary>The vector to store for an item.</summary>
    /// <param name="row">Row of the table.</param>
    /// <param name="vector"><see cref="Dimension"/> floats.</param>
    public void CopyItem(int row, Span<float> vector)
    {
        Span<float> x = _items.Vectors.Row(row);
        if (Metric != StoreMetric.Cosine)
        {
            x.CopyTo(vector);
            return;
        }

        double longest = _longest > 0 ? _longest : 1;
        for (int d = 0; d < x.Length; d++) { vector[d] = (float)(x[d] / longest); }
        vector[x.Length] = (float)Math.Sqrt(Math.Max(0, 1 - (_norms[row] / longest * (_norms[row] / longest))));
    }

    /// <summary>The vector to ask the store with for a user.</summary>
    /// <param name="user">As long as the item vectors of the table.</param>
    /// <param name="vector"><see cref="Dimension"/> floats.</param>
    public void CopyUser(ReadOnlySpan<float> user, Span<float> vector)
    {
        if (user.Length != _items.Dimension) { throw new ArgumentException($"the user has {user.Length} coordinates, items {_items.Dimension}", nameof(user)); }
        user.CopyTo(vector);
        vector[user.Length..].Clear();
    }
}
