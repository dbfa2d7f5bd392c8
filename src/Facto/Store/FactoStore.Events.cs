using System.Data.Common;

namespace Facto.Store;

internal sealed partial class FactoStore
{
    private const string EventColumns = "seq, id, user_id, item_id, kind, time, value, context, recommendation, position";

    /// <summary>Appends events; on the disk when the task ends. An id that is there already, or comes twice, counts once.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be written to now; nothing was stored.</exception>
    public Task<AppendResult> AppendAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancellation = default) => events.Count == 0
        ? Task.FromResult(new AppendResult([], 0))
        : _writes.RunAsync(
            transaction =>
            {
                long first = Take(transaction, Events, events.Count);
                return new AppendResult(_dialect.InsertEvents(transaction, events, first), first + events.Count - 1);
            },
            cancellation);

    /// <summary>A user's newest events by sequence, the oldest of them first.</summary>
    /// <param name="user">External id.</param>
    /// <param name="most">At most so many, ≥ 1.</param>
    public IReadOnlyList<SequencedEvent> EventsOfUser(string user, int most)
    {
        List<SequencedEvent> events = Read(
            $"SELECT {EventColumns} FROM events WHERE user_id = @user ORDER BY seq DESC LIMIT @most",
                [("@user", user), ("@most", (long)most)], Event);
        events.Reverse();
        return events;
    }

    /// <summary>
    /// Events in the order of their sequence, from the first after <paramref name="sequence"/>; read on from the last one's sequence.
    /// </summary>
    /// <param name="sequence">0 for the beginning.</param>
    /// <param name="most">At most so many, ≥ 1.</param>
    public IReadOnlyList<SequencedEvent> EventsAfter(long sequence, int most) => Read(
        $"SELECT {EventColumns} FROM events WHERE seq > @seq ORDER BY seq LIMIT @most", [("@seq", sequence), ("@most", (long)most)], Event);

    /// <summary>Number of events kept.</summary>
    public long CountEvents() => Read("SELECT count(*) FROM events", [], static r => r.GetInt64(0))[0];

    private static SequencedEvent Event(DbDataReader r) => new(r.GetInt64(0), new StoredEvent
    {
        Id = r.GetString(1),
        User = r.GetString(2),
        Item = r.GetString(3),
        Kind = r.GetString(4),
        Time = r.GetInt64(5),
        Value = r.IsDBNull(6) ? null : r.GetDouble(6),
        Context = r.IsDBNull(7) ? null : r.GetString(7),
        RecommendationId = r.IsDBNull(8) ? null : r.GetString(8),
        Position = r.IsDBNull(9) ? null : r.GetInt32(9),
    });
}
