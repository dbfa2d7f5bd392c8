using System.Data.Common;
using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Facto.Store;
using Npgsql;
using NpgsqlTypes;

namespace Facto.PostgreSql;

/// <summary>A store in a PostgreSQL database, which several servers share.</summary>
internal sealed class PostgreSqlDialect : SqlDialect, IDisposable
{
    private const long UpgradeLock = 0x46_41_43_54_4F;   // any number that no one else takes: "FACTO"

    private readonly NpgsqlDataSource _source;
    private readonly string _connection;

    public PostgreSqlDialect(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try { settings = new NpgsqlConnectionStringBuilder(connectionString); }
        catch (ArgumentException e)
        {
            throw new FactoException($"the connection string of PostgreSQL cannot be read: {e.Message.Split('\n')[0]}", e);
        }
        Name = $"PostgreSQL ({settings.Host}:{settings.Port}/{settings.Database})";
        _connection = settings.ConnectionString;
        _source = NpgsqlDataSource.Create(settings);
    }

    public override string Name { get; }

    public override DbConnection Open() => _source.OpenConnection();

    // Npgsql tells by itself what may be tried again; a database that starts, stops, is full or refuses more connections is such a case
    // too.
    public override bool IsUnavailable(DbException exception) =>
        exception.IsTransient || exception is not PostgresException || exception.SqlState is ['5', '3' or '7' or '8', ..] or ['0', '8', ..];

    public override void Upgrade()
    {
        using NpgsqlConnection guard = _source.OpenConnection();   // two servers may start at once
        using (var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", guard) { Parameters = { new() { Value = UpgradeLock } } })
        {
            command.ExecuteNonQuery();
        }
        UpgradeEngine engine = DeployChanges.To.PostgresqlDatabase(_connection)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly()).WithTransactionPerScript().LogTo(new NoOpUpgradeLog()).Build();
        SchemaScripts.RefuseNewer(Name, engine.GetExecutedScripts(), engine.GetDiscoveredScripts().Select(s => s.Name));
        DatabaseUpgradeResult result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new FactoException($"{Name}: the store's tables could not be made: {result.Error.Message}", result.Error);
        }
        using var unlock = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", guard) { Parameters = { new() { Value = UpgradeLock } } };
        unlock.ExecuteNonQuery();
    }

    // One statement for all events: a round trip each would cost more than the insert.
    public override bool[] InsertEvents(DbTransaction transaction, IReadOnlyList<StoredEvent> events, long firstSequence)
    {
        using var command = new NpgsqlCommand(
            "INSERT INTO events (seq, id, user_id, item_id, kind, time, value, context, recommendation, position) "
                + "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING seq",
            (NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);
        Add(NpgsqlDbType.Bigint, (long[])[.. Enumerable.Range(0, events.Count).Select(i => firstSequence + i)]);
        Add(NpgsqlDbType.Text, (string[])[.. events.Select(e => e.Id)]);
        Add(NpgsqlDbType.Text, (string[])[.. events.Select(e => e.User)]);
        Add(NpgsqlDbType.Text, (string[])[.. events.Select(e => e.Item)]);
        Add(NpgsqlDbType.Text, (string[])[.. events.Select(e => e.Kind)]);
        Add(NpgsqlDbType.Bigint, (long[])[.. events.Select(e => e.Time)]);
        Add(NpgsqlDbType.Double, (double?[])[.. events.Select(e => e.Value)]);
        Add(NpgsqlDbType.Text, (string?[])[.. events.Select(e => e.Context)]);
        Add(NpgsqlDbType.Text, (string?[])[.. events.Select(e => e.RecommendationId)]);
        Add(NpgsqlDbType.Integer, (int?[])[.. events.Select(e => e.Position)]);
        var isNew = new bool[events.Count];
        using NpgsqlDataReader reader = command.ExecuteReader();
        while (reader.Read()) { isNew[reader.GetInt64(0) - firstSequence] = true; }
        return isNew;

        void Add(NpgsqlDbType type, object values) =>
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values });
    }

    public void Dispose() => _source.Dispose();
}
