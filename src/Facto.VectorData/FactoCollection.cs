using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Retrieval;
using Microsoft.Extensions.VectorData;

namespace Facto.VectorData;

/// <summary>
/// A collection in memory that ranks by exact inner product: the order of the factorization machine itself. Scores are inner products, higher is better.
/// Changes are gathered and enter the index with the next search, so put many records before searching; a deleted record never comes back.
/// Safe for any number of callers at once.
/// </summary>
public sealed class FactoCollection : VectorStoreCollection<string, ItemRecord>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ItemRecord> _records = new(StringComparer.Ordinal);
    private readonly int _dimension;
    private Snapshot? _snapshot;   // what searches see; null after a change
    private bool _exists;

    /// <summary>An empty collection that exists only after <see cref="EnsureCollectionExistsAsync"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dimension">Length of the item vectors, ≥ 1.</param>
    public FactoCollection(string name, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        Name = name;
        _dimension = dimension;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate) { return Task.FromResult(_exists); }
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate) { _exists = true; }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _exists = false;
            _records.Clear();
            _snapshot = null;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<ItemRecord?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            RequireExists();
            return Task.FromResult(_records.GetValueOrDefault(key));
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ItemRecord> GetAsync(
        Expression<Func<ItemRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<ItemRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        if (options?.OrderBy is not null) { throw new NotSupportedException("this collection returns filtered records in the order of their ids; sort them after reading"); }
        Func<ItemRecord, bool> admits = filter.Compile();
        ItemRecord[] all;
        lock (_gate)
        {
            RequireExists();
            all = [.. _records.Values.OrderBy(r => r.Id, StringComparer.Ordinal)];
        }

        foreach (ItemRecord record in all.Where(admits).Skip(options?.Skip ?? 0).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="FactoException">The vector has another length than the collection's, or is not finite.</exception>
    public override Task UpsertAsync(ItemRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="FactoException">A vector has another length than the collection's, or is not finite; then nothing is changed.</exception>
    public override Task UpsertAsync(IEnumerable<ItemRecord> records, CancellationToken cancellationToken = default)
    {
        ItemRecord[] all = [.. records];
        foreach (ItemRecord record in all)
        {
            if (record.Vector.Length != _dimension) { throw new FactoException($"item '{record.Id}' has a vector of {record.Vector.Length} coordinates, the collection '{Name}' takes {_dimension}: export items from the model that it was made for"); }
            foreach (float value in record.Vector.Span)
            {
                if (!float.IsFinite(value)) { throw new FactoException($"item '{record.Id}' has a vector that is not finite; train the model anew with a smaller learning rate"); }
            }
        }

        lock (_gate)
        {
            RequireExists();
            foreach (ItemRecord record in all) { _records[record.Id] = record; }
            _snapshot = null;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            RequireExists();
            if (_records.Remove(key)) { _snapshot = null; }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The value is no vector of floats.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<ItemRecord>> SearchAsync<TInput>(
        TInput searchValue,
        int top,
        VectorSearchOptions<ItemRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ReadOnlyMemory<float> query = searchValue switch
        {
            ReadOnlyMemory<float> memory => memory,
            float[] array => array,
            _ => throw new NotSupportedException($"this collection is searched with a user vector (ReadOnlyMemory<float> or float[]), not with {typeof(TInput)}"),
        };
        foreach (VectorSearchResult<ItemRecord> result in Search(query.Span, top, options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return result;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    private List<VectorSearchResult<ItemRecord>> Search(ReadOnlySpan<float> query, int top, VectorSearchOptions<ItemRecord>? options)
    {
        Snapshot snapshot;
        lock (_gate)
        {
            RequireExists();
            snapshot = _snapshot ??= new Snapshot([.. _records.Values.OrderBy(r => r.Id, StringComparer.Ordinal)], _dimension);
        }

        int skip = options?.Skip ?? 0;
        var best = new Scored[Math.Min((long)top + skip, snapshot.Records.Length)];
        int found = snapshot.Index.Search(query, new ItemFilter { Allowed = Admitted(snapshot, options?.Filter) }, best);
        var results = new List<VectorSearchResult<ItemRecord>>();
        for (int i = skip; i < found; i++) { results.Add(new VectorSearchResult<ItemRecord>(snapshot.Records[best[i].Index], best[i].Score)); }
        return results;
    }

    private static ulong[] Admitted(Snapshot snapshot, Expression<Func<ItemRecord, bool>>? filter)
    {
        if (filter is null) { return []; }
        Func<ItemRecord, bool> admits = filter.Compile();
        var bitmap = new ulong[(snapshot.Records.Length + 63) / 64];
        for (int i = 0; i < snapshot.Records.Length; i++)
        {
            if (admits(snapshot.Records[i])) { bitmap[i / 64] |= 1UL << (i % 64); }
        }

        return bitmap;
    }

    private void RequireExists()
    {
        if (!_exists) { throw new VectorStoreException($"the collection '{Name}' does not exist; call EnsureCollectionExistsAsync first"); }
    }

    // The records at one moment, by id, and the index over their vectors.
    private sealed class Snapshot
    {
        public Snapshot(ItemRecord[] records, int dimension)
        {
            Records = records;
            using var vectors = new RowMatrix(records.Length, dimension);
            for (int row = 0; row < records.Length; row++) { records[row].Vector.Span.CopyTo(vectors.Row(row)); }
            Index = new ExactIndex(vectors);
        }

        public ItemRecord[] Records { get; }

        public ExactIndex Index { get; }
    }
}
