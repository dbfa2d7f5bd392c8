using System.Data.Common;

namespace Facto.Store;

/// <summary>
/// What happened since the model was trained, and who may say so: events, users, items, keys, served lists. Every write is on the disk when
/// its task ends; reads see every write that ended before them, also by other servers on the same database. Safe for any number of callers.
/// </summary>
internal sealed partial class FactoStore : IAsyncDisposable
{
    private const string Events = "events", Entities = "entities", Keys = "keys", Forgotten = "forgotten";

    private readonly SqlDialect _dialect;
    private readonly GroupCommit _writes;

    /// <summary>Opens the store and brings its schema to this program's version.</summary>
    /// <exception cref="FactoException">The database cannot be opened, or a newer program wrote it.</exception>
    public FactoStore(SqlDialect dialect)
    {
        _dialect = dialect;
        Guarded("opened", () =>
        {
            dialect.Upgrade();
            return true;
        });
        _writes = new GroupCommit(dialect);
    }

    /// <summary>The database, for messages.</summary>
    public string Name => _dialect.Name;

    /// <summary>How far the store has come.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be read now.</exception>
    public StoreVersion Version() =>
        Read("SELECT name, value FROM counters", [], static reader => (Name: reader.GetString(0), Value: reader.GetInt64(1)))
        .Aggregate(default(StoreVersion), static (version, counter) => counter.Name switch
        {
            Events => version with { Events = counter.Value },
            Entities => version with { Entities = counter.Value },
            Keys => version with { Keys = counter.Value },
            _ => version with { Forgotten = counter.Value },
        });

    /// <summary>Commits what has been handed in and closes.</summary>
    public ValueTask DisposeAsync() => _writes.DisposeAsync();

    // The counter's row is locked until the commit, so numbers become visible in their order, on all servers.
    private static long Take(DbTransaction transaction, string counter, long count)
    {
        using DbCommand command = SqlDialect.Statement(
            transaction.Connection!, transaction, "UPDATE counters SET value = value + @count WHERE name = @name RETURNING value",
                "@count", "@name");
        SqlDialect.Set(command, count, counter);
        return (long)command.ExecuteScalar()! - count + 1;
    }

    private static int Execute(DbTransaction transaction, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using DbCommand command = Bound(transaction.Connection!, transaction, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static DbCommand Bound(
        DbConnection connection, DbTransaction? transaction, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = SqlDialect.Statement(connection, transaction, sql);
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private List<T> Read<T>(string sql, (string Name, object? Value)[] parameters, Func<DbDataReader, T> row) => Guarded("read", () =>
    {
        using DbConnection connection = _dialect.Open();
        using DbCommand command = Bound(connection, null, sql, parameters);
        using DbDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) { rows.Add(row(reader)); }
        return rows;
    });

    private T Guarded<T>(string what, Func<T> run)
    {
        try
        {
            return run();
        }
        catch (DbException e) when (_dialect.IsUnavailable(e))
        {
            throw new StoreUnavailableException($"{_dialect.Name} cannot be {what}: {e.Message.TrimEnd('.')}; try again later", e);
        }
    }
}
