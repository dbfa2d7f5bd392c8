using System.Data.Common;

namespace Facto.Store;

internal sealed partial class FactoStore
{
    /// <summary>Adds a key.</summary>
    /// <exception cref="FactoException">Its id is taken.</exception>
    public Task AddKeyAsync(StoredKey key, CancellationToken cancellation = default) => _writes.RunAsync(
        transaction =>
        {
            Take(transaction, Keys, 1);
            int added = Execute(
                transaction,
                "INSERT INTO keys (id, hash, scopes, name, created, expires, revoked) VALUES (@id, @hash, @scopes, @name, @created, "
                    + "@expires, @revoked) "
                    + "ON CONFLICT (id) DO NOTHING",
                ("@id", key.Id), ("@hash", key.Hash), ("@scopes", (int)key.Scopes), ("@name", key.Name), ("@created", key.Created),
                    ("@expires", key.Expires),
                ("@revoked", key.Revoked));
            return added == 1 ? true : throw new FactoException($"there is a key '{key.Id}' already; create one with another id");
        },
        cancellation);

    /// <summary>Revokes a key; false when there is none that is valid.</summary>
    /// <param name="id">Its public part.</param>
    /// <param name="time">Now, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Gives up waiting; the key may be revoked all the same.</param>
    public Task<bool> RevokeKeyAsync(string id, long time, CancellationToken cancellation = default) => _writes.RunAsync(
        transaction =>
        {
            Take(transaction, Keys, 1);
            return Execute(
                transaction, "UPDATE keys SET revoked = @time WHERE id = @id AND revoked IS NULL", ("@time", time), ("@id", id)) == 1;
        },
        cancellation);

    /// <summary>Every key, revoked and expired ones too, the oldest first.</summary>
    public IReadOnlyList<StoredKey> AllKeys() =>
        Read("SELECT id, hash, scopes, name, created, expires, revoked FROM keys ORDER BY created, id", [], Key);

    private static StoredKey Key(DbDataReader r) => new()
    {
        Id = r.GetString(0),
        Hash = (byte[])r.GetValue(1),
        Scopes = (KeyScopes)r.GetInt32(2),
        Name = r.GetString(3),
        Created = r.GetInt64(4),
        Expires = r.IsDBNull(5) ? null : r.GetInt64(5),
        Revoked = r.IsDBNull(6) ? null : r.GetInt64(6),
    };
}
