using System.Collections.Frozen;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Microsoft.Extensions.VectorData;

namespace Facto.VectorData;

/// <summary>
/// A collection in memory that ranks by exact inner product: the order of the factorization machine itself. Scores are inner products,
/// higher is better. Changes are gathered and enter the index with the next search, so put many records before searching; a deleted record
/// never comes back. Safe for any number of callers at once. Every option of the abstraction is honoured or refused, none is ignored.
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
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        Name = name;
        _dimension = dimension;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) { return Task.FromResult(_exists); }
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) { _exists = true; }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _exists = false;
            _records.Clear();
            _snapshot = null;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>Records come without their vectors unless <see cref="RecordRetrievalOptions.IncludeVectors"/> asks for them.</remarks>
    public override Task<ItemRecord?> GetAsync(
        string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            RequireExists();
            return Task.FromResult(_records.TryGetValue(key, out ItemRecord? record) ? Shown(record, options?.IncludeVectors) : null);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Records come in the order of their ids.</remarks>
    /// <exception cref="NotSupportedException">Another order is asked for.</exception>
    public override async IAsyncEnumerable<ItemRecord> GetAsync(
        Expression<Func<ItemRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<ItemRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        cancellationToken.ThrowIfCancellationRequested();
        if (options?.OrderBy is not null)
        {
            throw new NotSupportedException("this collection returns filtered records in the order of their ids; sort them after reading");
        }

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
            yield return Shown(record, options?.IncludeVectors);
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="FactoException">The record has no id, or a vector of another length than the collection's or with a value that is
    /// no finite number.</exception>
    public override Task UpsertAsync(ItemRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="FactoException">A record is unusable, as with one; then nothing is changed.</exception>
    public override Task UpsertAsync(IEnumerable<ItemRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        ItemRecord[] all = [.. records.Select(Kept)];
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
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            RequireExists();
            if (_records.Remove(key)) { _snapshot = null; }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>With <see cref="VectorSearchOptions{TRecord}.ScoreThreshold"/> only records with at least that inner product are
    /// returned.</remarks>
    /// <exception cref="NotSupportedException">The value is no vector of floats, or another property than the vector is to be
    /// searched.</exception>
    /// <exception cref="ArgumentException">The vector has another length than the collection's, or a value that is no finite
    /// number.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<ItemRecord>> SearchAsync<TInput>(
        TInput searchValue,
        int top,
        VectorSearchOptions<ItemRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        cancellationToken.ThrowIfCancellationRequested();
        RequireVectorProperty(options?.VectorProperty);
        ReadOnlyMemory<float> query = searchValue switch
        {
            ReadOnlyMemory<float> memory => memory,
            Memory<float> memory => memory,
            float[] array => array,
            null => throw new ArgumentNullException(nameof(searchValue)),
            _ => throw new NotSupportedException(
                $"this collection is searched with a user vector (ReadOnlyMemory<float> or float[]), not with {typeof(TInput)}"),
        };
        foreach (VectorSearchResult<ItemRecord> result in Search(query.Span, top, options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return result;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata)
                ? new VectorStoreCollectionMetadata { VectorStoreSystemName = "facto", CollectionName = Name }
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    // A copy, so that a caller who goes on writing into the array does not change what was checked.
    private ItemRecord Kept(ItemRecord? record)
    {
        if (record is null) { throw new ArgumentException($"a record for the collection '{Name}' is null"); }
        if (string.IsNullOrEmpty(record.Id))
        {
            throw new FactoException($"a record for the collection '{Name}' has no id; give every item one");
        }
        if (record.Data is null)
        {
            throw new FactoException($"item '{record.Id}' has no Data; leave the property out, or give an empty dictionary");
        }
        if (record.Vector.Length != _dimension)
        {
            throw new FactoException(
                $"item '{record.Id}' has a vector of {record.Vector.Length} coordinates, the collection '{Name}' takes {_dimension}: "
                + "export items from the model that it was made for");
        }

        float[] vector = record.Vector.ToArray();
        int wrong = Array.FindIndex(vector, v => !float.IsFinite(v));
        return wrong < 0
            ? new ItemRecord { Id = record.Id, Vector = vector, Data = record.Data.ToFrozenDictionary() }
            : throw new FactoException(
                $"item '{record.Id}' has a vector that is not finite: column {wrong} is {vector[wrong]}; train the model anew with a "
                    + $"smaller learning rate");
    }

    private static ItemRecord Shown(ItemRecord record, bool? includeVectors) =>
        includeVectors == true ? record : new ItemRecord { Id = record.Id, Vector = ReadOnlyMemory<float>.Empty, Data = record.Data };

    private static void RequireVectorProperty(Expression<Func<ItemRecord, object?>>? property)
    {
        if (property is null) { return; }
        Expression body = property.Body is UnaryExpression { NodeType: ExpressionType.Convert } converted
            ? converted.Operand
            : property.Body;
        if (body is MemberExpression { Member.Name: nameof(ItemRecord.Vector), Expression: ParameterExpression }) { return; }
        throw new NotSupportedException(
            $"this collection has one vector property, {nameof(ItemRecord.Vector)}; VectorProperty asks for '{property.Body}'");
    }

    private List<VectorSearchResult<ItemRecord>> Search(ReadOnlySpan<float> query, int top, VectorSearchOptions<ItemRecord>? options)
    {
        Snapshot snapshot;
        lock (_gate)
        {
            RequireExists();
            snapshot = _snapshot ??= new Snapshot([.. _records.Values.OrderBy(r => r.Id, StringComparer.Ordinal)], _dimension);
        }

        int skip = options?.Skip ?? 0;
        double least = options?.ScoreThreshold ?? double.NegativeInfinity;
        if (double.IsNaN(least)) { throw new ArgumentException("ScoreThreshold is NaN; give a number, or leave it out"); }
        var results = new List<VectorSearchResult<ItemRecord>>();
        var best = new Scored[Math.Min((long)top + skip, snapshot.Records.Length)];
        ulong[]? admitted = Admitted(snapshot, options?.Filter);
        int found = snapshot.Index.Search(query, new ItemFilter { Allowed = admitted }, best);
        for (int i = skip; i < found && best[i].Score >= least; i++)
        {
            results.Add(new VectorSearchResult<ItemRecord>(Shown(snapshot.Records[best[i].Index], options?.IncludeVectors), best[i].Score));
        }

        return results;
    }

    private static ulong[]? Admitted(Snapshot snapshot, Expression<Func<ItemRecord, bool>>? filter)
    {
        if (filter is null) { return null; }
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
            for (int row = 0; row < records.Length; row++) { vectors.SetRow(row, records[row].Vector.Span); }
            Index = new ExactIndex(vectors);
        }

        public ItemRecord[] Records { get; }

        public ExactIndex Index { get; }
    }
}
