using Facto.PostgreSql;
using Facto.Sqlite;
using Facto.Store;
using Npgsql;

namespace Facto.Service.Tests.Store;

/// <summary>The contract on SQLite.</summary>
public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("facto-store-").FullName;

    private protected override SqlDialect Dialect(string name) => new SqliteDialect(Path.Combine(_folder, name + ".db"));

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_that_is_no_database_and_a_newer_one_are_told()
    {
        string path = Path.Combine(_folder, "text.db");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("this is a text file, long enough to be read. ", 200)));
        Assert.ThrowsAny<Exception>(() => new FactoStore(new SqliteDialect(path)));
        string newer = Path.Combine(_folder, "newer.db");
        using (var connection = new SqliteDialect(newer).Open())
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "CREATE TABLE SchemaVersions (SchemaVersionID INTEGER PRIMARY KEY, ScriptName TEXT NOT NULL, Applied DATETIME NOT NULL);"
                + "INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('Facto.Sqlite.Scripts.9999-later.sql', '2030-01-01')";
            command.ExecuteNonQuery();
        }

        Assert.Contains(
            "newer Facto", Assert.Throws<FactoException>(() => new FactoStore(new SqliteDialect(newer))).Message, StringComparison.Ordinal);
    }
}

/// <summary>The contract on a real PostgreSQL server.</summary>
public sealed class PostgreSqlStoreTests : StoreContract
{
    private readonly Dictionary<string, string> _databases = [];

    private protected override SqlDialect Dialect(string name)
    {
        Assert.SkipWhen(PostgreSqlServer.Shared is null, "PostgreSQL is not installed");
        if (!_databases.TryGetValue(name, out string? connection))
        {
            _databases.Add(name, connection = PostgreSqlServer.Shared.NewDatabase());
        }
        return new PostgreSqlDialect(connection);
    }

    [Fact]
    public async Task A_server_that_stops_is_told_and_the_store_goes_on_when_it_is_back()
    {
        using PostgreSqlServer? server = PostgreSqlServer.OfItsOwn();
        Assert.SkipWhen(server is null, "PostgreSQL is not installed");
        await using var store = new FactoStore(new PostgreSqlDialect(server.NewDatabase()));
        StoredEvent e = new() { Id = "1", User = "u", Item = "i", Kind = "view", Time = 1 };
        await store.AppendAsync([e]);
        server.Stop();
        StoreUnavailableException failure =
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendAsync([e with { Id = "2" }]));
        Assert.Contains("nothing was stored", failure.Message, StringComparison.Ordinal);
        Assert.Throws<StoreUnavailableException>(() => store.CountEvents());
        server.Start();
        await store.AppendAsync([e with { Id = "2" }]);
        Assert.Equal(2, store.CountEvents());
    }

    [Fact]
    public void A_password_is_in_no_message()
    {
        NpgsqlConnection.ClearAllPools();
        FactoException failure = Assert.ThrowsAny<FactoException>(
            () => new FactoStore(new PostgreSqlDialect("Host=127.0.0.1;Port=1;Username=facto;Password=hush;Database=d;Timeout=2")));
        Assert.DoesNotContain("hush", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1/d", failure.Message, StringComparison.Ordinal);
    }
}
