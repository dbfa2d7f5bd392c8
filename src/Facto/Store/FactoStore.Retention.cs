using System.Security.Cryptography;
using System.Text;

namespace Facto.Store;

internal sealed partial class FactoStore
{
    /// <summary>
    /// Removes everything that is kept of a user. What stays is the hash of the id, so that no later training takes the user from an older
    /// log.
    /// </summary>
    /// <param name="user">External id.</param>
    /// <param name="time">Now, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Gives up waiting; the user may be forgotten all the same.</param>
    public Task<ForgetResult> ForgetAsync(string user, long time, CancellationToken cancellation = default) => _writes.RunAsync(
        transaction =>
        {
            Take(transaction, Forgotten, 1);
            long sequence = Take(transaction, Events, 1), revision = Take(transaction, Entities, 1);
            int events = Execute(transaction, "DELETE FROM events WHERE user_id = @user", ("@user", user));
            int served = Execute(transaction, "DELETE FROM recommendations WHERE user_id = @user", ("@user", user));
            bool had = Find(transaction, EntityKind.User, user) is not null;
            // The mark carries no attributes: it only tells the other servers to drop theirs.
            if (had) { Put(transaction, EntityKind.User, new StoredEntity { Id = user, IsDeleted = true, Updated = time }, revision); }
            Execute(
                transaction,
                    "INSERT INTO forgotten (user_hash, time, seq) VALUES (@hash, @time, @seq) ON CONFLICT (user_hash) DO UPDATE SET "
                        + "time = excluded.time, seq = excluded.seq",
                ("@hash", HashOf(user)), ("@time", time), ("@seq", sequence));
            return new ForgetResult(events, served, had, sequence);
        },
        cancellation);

    /// <summary>Hashes (<see cref="HashOf"/>) of the users whom no training may take from a log, and the sequence before which.</summary>
    public IReadOnlyDictionary<string, long> ForgottenUsers() =>
        Read("SELECT user_hash, seq FROM forgotten", [], static r => (Hash: r.GetString(0), Sequence: r.GetInt64(1)))
            .ToDictionary(f => f.Hash, f => f.Sequence);

    /// <summary>SHA-256 of an id in hexadecimal.</summary>
    public static string HashOf(string user) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)));

    /// <summary>Deletes what is older, or more, than the rule keeps.</summary>
    /// <returns>Events and served lists deleted.</returns>
    public Task<(int Events, int Recommendations)> ApplyAsync(RetentionRule rule, CancellationToken cancellation = default) =>
        _writes.RunAsync(
        transaction =>
        {
            int events = 0, served = 0;
            if (rule.EventsBefore is { } before)
            {
                events += Execute(transaction, "DELETE FROM events WHERE time < @before", ("@before", before));
            }
            if (rule.MostEvents is { } most)
            {
                events += Execute(
                    transaction, "DELETE FROM events WHERE seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET @most)",
                    ("@most", most));
            }

            if (rule.RecommendationsBefore is { } from)
            {
                served += Execute(transaction, "DELETE FROM recommendations WHERE time < @before", ("@before", from));
            }
            if (rule.MostRecommendations is { } mostServed)
            {
                served += Execute(
                    transaction,
                        "DELETE FROM recommendations WHERE id IN (SELECT id FROM recommendations ORDER BY time DESC, id LIMIT "
                            + "9223372036854775807 OFFSET @most)",
                    ("@most", mostServed));
            }

            return (events, served);
        },
        cancellation);
}
