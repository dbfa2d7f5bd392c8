using System.Data.Common;

namespace Facto.Store;

internal sealed partial class FactoStore
{
    private const string RecommendationColumns = "id, user_id, time, bundle, body";

    /// <summary>Keeps what was served.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be written to now; nothing was stored.</exception>
    public Task<int> RecordAsync(IReadOnlyList<StoredRecommendation> served, CancellationToken cancellation = default) => _writes.RunAsync(
        transaction =>
        {
            int added = 0;
            foreach (StoredRecommendation s in served)
            {
                added += Execute(
                    transaction,
                        $"INSERT INTO recommendations ({RecommendationColumns}) VALUES (@id, @user, @time, @bundle, @body) ON CONFLICT "
                            + $"(id) DO NOTHING",
                    ("@id", s.Id), ("@user", s.User), ("@time", s.Time), ("@bundle", s.Bundle), ("@body", s.Body));
            }

            return added;
        },
        cancellation);

    /// <summary>What was served under a recommendation id; null when it is not kept.</summary>
    public StoredRecommendation? FindRecommendation(string id) =>
        Read($"SELECT {RecommendationColumns} FROM recommendations WHERE id = @id", [("@id", id)], Recommendation).FirstOrDefault();

    /// <summary>What a user was served last, the newest first.</summary>
    public IReadOnlyList<StoredRecommendation> RecommendationsOfUser(string user, int most) => Read(
        $"SELECT {RecommendationColumns} FROM recommendations WHERE user_id = @user ORDER BY time DESC, id LIMIT @most",
        [("@user", user), ("@most", (long)most)], Recommendation);

    private static StoredRecommendation Recommendation(DbDataReader r) =>
        new() { Id = r.GetString(0), User = r.GetString(1), Time = r.GetInt64(2), Bundle = r.GetString(3), Body = r.GetString(4) };
}
