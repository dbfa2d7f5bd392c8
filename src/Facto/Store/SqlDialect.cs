using System.Data.Common;

namespace Facto.Store;

/// <summary>
/// What differs between the databases that keep a store. Statements name parameters @a, @b …; both databases take them so.
/// </summary>
internal abstract class SqlDialect
{
    /// <summary>For messages: "SQLite (shop.db)", "PostgreSQL (db.example:5432/shop)"; never a password.</summary>
    public abstract string Name { get; }

    /// <summary>An open connection; the caller disposes of it.</summary>
    public abstract DbConnection Open();

    /// <summary>True when the database cannot be reached, is full or busy: the same statement may succeed later.</summary>
    public abstract bool IsUnavailable(DbException exception);

    /// <summary>Brings the schema to this program's version; refuses a newer one.</summary>
    /// <exception cref="FactoException">The database was written by a newer program.</exception>
    public abstract void Upgrade();

    /// <summary>Inserts events with the given sequences and says which were not there yet.</summary>
    public virtual bool[] InsertEvents(DbTransaction transaction, IReadOnlyList<StoredEvent> events, long firstSequence)
    {
        var isNew = new bool[events.Count];
        using DbCommand command = Statement(
            transaction.Connection!, transaction,
            "INSERT INTO events (seq, id, user_id, item_id, kind, time, value, context, recommendation, position) "
                + "VALUES (@seq, @id, @user, @item, @kind, @time, @value, @context, @recommendation, @position) "
                + "ON CONFLICT (id) DO NOTHING",
            "@seq", "@id", "@user", "@item", "@kind", "@time", "@value", "@context", "@recommendation", "@position");
        for (int i = 0; i < events.Count; i++)
        {
            StoredEvent e = events[i];
            Set(command, firstSequence + i, e.Id, e.User, e.Item, e.Kind, e.Time, e.Value, e.Context, e.RecommendationId, e.Position);
            isNew[i] = command.ExecuteNonQuery() > 0;
        }

        return isNew;
    }

    /// <summary>A command with named parameters whose values are set later, in the order of the names.</summary>
    public static DbCommand Statement(
        DbConnection connection, DbTransaction? transaction, string sql, params ReadOnlySpan<string> parameters)
    {
        DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (string name in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Sets the parameters' values in order; null stands for NULL.</summary>
    public static void Set(DbCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++) { command.Parameters[i].Value = values[i] ?? DBNull.Value; }
    }
}
