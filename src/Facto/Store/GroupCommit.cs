using System.Data.Common;
using System.Threading.Channels;

namespace Facto.Store;

/// <summary>
/// One writer for all callers: what has come in while a transaction was committing goes into the next one together, so that hundreds of
/// callers share one flush to the disk. A write is answered after its commit. A write that fails is tried alone, so that it takes no other
/// with it.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    // Together in one transaction at most: a commit should not keep its callers waiting for long.
    private const int MostPerCommit = 512;

    private readonly SqlDialect _dialect;
    private readonly Channel<Write> _queue;
    private readonly Task _writer;
    private DbConnection? _connection;

    /// <param name="dialect">The database.</param>
    /// <param name="capacity">Writes that may wait; a caller beyond them waits itself.</param>
    public GroupCommit(SqlDialect dialect, int capacity = 4096)
    {
        _dialect = dialect;
        _queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _writer = Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Runs <paramref name="write"/> inside a transaction; the task ends when its effects are on the disk.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be written to now.</exception>
    public async Task<T> RunAsync<T>(Func<DbTransaction, T> write, CancellationToken cancellation)
    {
        var entry = new Write<T>(write);
        try { await _queue.Writer.WriteAsync(entry, cancellation).ConfigureAwait(false); }
        catch (ChannelClosedException e) { throw new StoreUnavailableException($"{_dialect.Name} is being closed; try again", e); }
        return await entry.Completion.ConfigureAwait(false);
    }

    /// <summary>Commits what has been handed in and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        _connection?.Dispose();
    }

    private async Task WriteAll()
    {
        var group = new List<Write>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (group.Count < MostPerCommit && _queue.Reader.TryRead(out Write? write)) { group.Add(write); }
            if (!TryCommit(group, out Exception? failure) && group.Count == 1) { group[0].Fail(failure!); }
            else if (failure is not null)
            {
                foreach (Write write in group)
                {
                    if (!TryCommit([write], out failure)) { write.Fail(failure!); }
                }
            }

            group.Clear();
        }
    }

    // All or nothing; on success every write has been answered.
    private bool TryCommit(List<Write> group, out Exception? failure)
    {
        try
        {
            _connection ??= _dialect.Open();
            using (DbTransaction transaction = _connection.BeginTransaction())
            {
                foreach (Write write in group) { write.Execute(transaction); }
                transaction.Commit();
            }

            foreach (Write write in group) { write.Succeed(); }
            failure = null;
            return true;
        }
        catch (DbException e)
        {
            Reconnect();
            failure = _dialect.IsUnavailable(e)
                ? new StoreUnavailableException(
                    $"{_dialect.Name} cannot be written to: {e.Message.TrimEnd('.')}; nothing was stored, try again later", e)
                : e;
            return false;
        }
        catch (Exception e)
        {
            Reconnect();
            failure = e;
            return false;
        }
    }

    private void Reconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private abstract class Write
    {
        public abstract void Execute(DbTransaction transaction);

        public abstract void Succeed();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(Func<DbTransaction, T> run) : Write
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Completion => _source.Task;

        public override void Execute(DbTransaction transaction) => _result = run(transaction);

        public override void Succeed() => _source.SetResult(_result);

        public override void Fail(Exception exception) => _source.SetException(exception);
    }
}
