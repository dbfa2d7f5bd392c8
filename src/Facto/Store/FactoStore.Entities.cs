using System.Data.Common;

namespace Facto.Store;

internal sealed partial class FactoStore
{
    private const string EntityColumns = "id, attributes, is_hidden, available_from, available_until, is_deleted, updated, revision";

    /// <summary>Writes users or items; each takes the place of what was there under its id.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be written to now; nothing was stored.</exception>
    public Task<long> PutAsync(EntityKind kind, IReadOnlyList<StoredEntity> entities, CancellationToken cancellation = default) =>
        entities.Count == 0
        ? Task.FromResult(0L)
        : _writes.RunAsync(
            transaction =>
            {
                long first = Take(transaction, Entities, entities.Count);
                for (int i = 0; i < entities.Count; i++) { Put(transaction, kind, entities[i], first + i); }
                return first + entities.Count - 1;
            },
            cancellation);

    /// <summary>
    /// Changes one user or item in one step: <paramref name="change"/> gets what is there (null when nothing is) and gives what shall be,
    /// or null to leave it.
    /// </summary>
    /// <returns>What is there afterwards.</returns>
    public Task<StoredEntity?> UpdateAsync(
        EntityKind kind, string id, Func<StoredEntity?, StoredEntity?> change, CancellationToken cancellation = default) =>
        _writes.RunAsync(
            transaction =>
            {
                // The counter first: its lock makes reading and writing one step, on all servers.
                long revision = Take(transaction, Entities, 1);
                StoredEntity? before = Find(transaction, kind, id);
                if (change(before) is not { } after) { return before; }
                Put(transaction, kind, after with { Id = id }, revision);
                return after with { Id = id, Revision = revision };
            },
            cancellation);

    /// <summary>A user or item; null when there is none, or it was deleted.</summary>
    public StoredEntity? Find(EntityKind kind, string id) => Read(
        $"SELECT {EntityColumns} FROM entities WHERE kind = @kind AND id = @id AND is_deleted = 0", [("@kind", (int)kind), ("@id", id)],
            Entity).FirstOrDefault();

    /// <summary>
    /// Changes in the order of their revision, deleted ones among them, from the first after <paramref name="revision"/>.
    /// </summary>
    /// <param name="kind">Users or items.</param>
    /// <param name="revision">0 for the beginning.</param>
    /// <param name="most">At most so many, ≥ 1.</param>
    public IReadOnlyList<StoredEntity> EntitiesAfter(EntityKind kind, long revision, int most) => Read(
        $"SELECT {EntityColumns} FROM entities WHERE kind = @kind AND revision > @revision ORDER BY revision LIMIT @most",
        [("@kind", (int)kind), ("@revision", revision), ("@most", (long)most)], Entity);

    private static StoredEntity? Find(DbTransaction transaction, EntityKind kind, string id)
    {
        using DbCommand command = Bound(
            transaction.Connection!, transaction,
                $"SELECT {EntityColumns} FROM entities WHERE kind = @kind AND id = @id AND is_deleted = 0",
            [("@kind", (int)kind), ("@id", id)]);
        using DbDataReader reader = command.ExecuteReader();
        return reader.Read() ? Entity(reader) : null;
    }

    private static void Put(DbTransaction transaction, EntityKind kind, StoredEntity e, long revision) => Execute(
        transaction,
        $"INSERT INTO entities (kind, {EntityColumns}) VALUES (@kind, @id, @attributes, @hidden, @from, @until, @deleted, @updated, "
            + $"@revision) "
            + "ON CONFLICT (kind, id) DO UPDATE SET attributes = excluded.attributes, is_hidden = excluded.is_hidden, available_from = "
                + "excluded.available_from, "
            + "available_until = excluded.available_until, is_deleted = excluded.is_deleted, updated = excluded.updated, revision = "
                + "excluded.revision",
        ("@kind", (int)kind), ("@id", e.Id), ("@attributes", e.Attributes), ("@hidden", e.IsHidden ? 1 : 0), ("@from", e.AvailableFrom),
            ("@until", e.AvailableUntil),
        ("@deleted", e.IsDeleted ? 1 : 0), ("@updated", e.Updated), ("@revision", revision));

    private static StoredEntity Entity(DbDataReader r) => new()
    {
        Id = r.GetString(0),
        Attributes = r.GetString(1),
        IsHidden = r.GetInt32(2) != 0,
        AvailableFrom = r.IsDBNull(3) ? null : r.GetInt64(3),
        AvailableUntil = r.IsDBNull(4) ? null : r.GetInt64(4),
        IsDeleted = r.GetInt32(5) != 0,
        Updated = r.GetInt64(6),
        Revision = r.GetInt64(7),
    };
}
