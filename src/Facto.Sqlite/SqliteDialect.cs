using System.Data.Common;
using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Facto.Store;
using Microsoft.Data.Sqlite;

namespace Facto.Sqlite;

/// <summary>
/// A store in one file, in write-ahead mode: readers never wait for the writer, and a commit is on the disk when it ends.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Full = 13, CannotOpen = 14;

    private readonly string _connection;
    private readonly string _path;

    public SqliteDialect(string path)
    {
        _path = Path.GetFullPath(path);
        _connection = new SqliteConnectionStringBuilder { DataSource = _path, DefaultTimeout = 30 }.ToString();
    }

    public override string Name => $"SQLite ({Path.GetFileName(_path)})";

    public override DbConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override bool IsUnavailable(DbException exception) =>
        exception is SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or InputOutput or Full or CannotOpen };

    public override void Upgrade()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        using (Open()) { }   // the mode of the file is set before the first script
        UpgradeEngine engine = DeployChanges.To.SqliteDatabase(_connection)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly()).WithTransactionPerScript().LogTo(new NoOpUpgradeLog()).Build();
        SchemaScripts.RefuseNewer(Name, engine.GetExecutedScripts(), engine.GetDiscoveredScripts().Select(s => s.Name));
        DatabaseUpgradeResult result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new FactoException($"{Name}: the store's tables could not be made: {result.Error.Message}", result.Error);
        }
    }
}
