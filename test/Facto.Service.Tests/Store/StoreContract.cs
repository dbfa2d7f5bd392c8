using CsCheck;
using Facto.Store;

namespace Facto.Service.Tests.Store;

/// <summary>What every store promises. A database is a fixture: how to open one that is new, and the same one again.</summary>
public abstract class StoreContract
{
    /// <summary>Opens a database by a name of the test's own: the same name is the same database.</summary>
    private protected abstract SqlDialect Dialect(string name);

    private FactoStore Open(string name) => new(Dialect(name));

    [Fact]
    public async Task Events_come_back_as_they_were_given()
    {
        await using FactoStore store = Open(nameof(Events_come_back_as_they_were_given));
        StoredEvent[] events =
        [
            new() { Id = "1", User = "ann", Item = "a/b?c#d", Kind = "click", Time = 1_700_000_000_123_456, Value = 4.5,
                Context = """{"hour":"night"}""", RecommendationId = "r", Position = 3 },
            new() { Id = "2", User = " padded\t", Item = "line\nfeed", Kind = "view", Time = -5 },
            new() { Id = "3", User = "ANN", Item = "é", Kind = "view", Time = long.MaxValue, Value = double.MaxValue },
            new() { Id = "4", User = "ann", Item = "e\u0301", Kind = "view", Time = 0, Value = double.Epsilon },
            new() { Id = new string('x', 5000), User = "'; DROP TABLE events; --", Item = "😀", Kind = "view", Time = 1 },
        ];
        AppendResult result = await store.AppendAsync(events);
        Assert.Equal((5, true), (result.NewCount, result.IsNew.All(n => n)));
        Assert.Equal(events, store.EventsAfter(0, 100).Select(e => e.Event));
        Assert.Equal(["1", "4"], store.EventsOfUser("ann", 10).Select(e => e.Event.Id));
        Assert.Equal(["4"], store.EventsOfUser("ann", 1).Select(e => e.Event.Id));
        Assert.Empty(store.EventsOfUser("padded", 10));
        Assert.Equal(result.LastSequence, store.Version().Events);
    }

    [Fact]
    public async Task The_same_id_is_one_event_in_a_batch_and_across_batches()
    {
        await using FactoStore store = Open(nameof(The_same_id_is_one_event_in_a_batch_and_across_batches));
        AppendResult first = await store.AppendAsync([Of("a"), Of("b"), Of("a") with { Item = "other" }]);
        AppendResult second = await store.AppendAsync([Of("b"), Of("c")]);
        Assert.Equal([true, true, false], first.IsNew);
        Assert.Equal([false, true], second.IsNew);
        Assert.Equal(["a", "b", "c"], store.EventsAfter(0, 10).Select(e => e.Event.Id));
        Assert.Equal(3, store.CountEvents());
    }

    [Fact]
    public async Task Whoever_reads_on_from_the_last_sequence_misses_nothing_while_others_write()
    {
        const int writers = 16, each = 200;
        string name = nameof(Whoever_reads_on_from_the_last_sequence_misses_nothing_while_others_write);
        await using FactoStore one = Open(name), two = Open(name);
        Task[] writing = [.. Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++) { await (w % 2 == 0 ? one : two).AppendAsync([Of($"{w}-{i}"), Of($"{w}-{i}")]); }
        }))];
        var read = new List<string>();
        long last = 0;
        bool ended = false;
        while (true)
        {
            IReadOnlyList<SequencedEvent> next = one.EventsAfter(last, 100);
            Assert.True(next.Zip(next.Skip(1)).All(p => p.First.Sequence < p.Second.Sequence));
            read.AddRange(next.Select(e => e.Event.Id));
            if (next.Count > 0) { last = next[^1].Sequence; }
            else if (ended) { break; }
            ended = Task.WhenAll(writing).IsCompleted;
        }

        await Task.WhenAll(writing);
        Assert.Equal(writers * each, read.Count);
        Assert.Equal(read.Count, read.Distinct().Count());
    }

    [Fact]
    public async Task A_write_is_seen_by_another_server_at_once_and_survives_a_reopening()
    {
        string name = nameof(A_write_is_seen_by_another_server_at_once_and_survives_a_reopening);
        await using (FactoStore one = Open(name))
        {
            await using FactoStore two = Open(name);
            StoreVersion before = two.Version();
            await one.AppendAsync([Of("a")]);
            await one.PutAsync(EntityKind.Item, [new StoredEntity { Id = "i" }]);
            Assert.NotEqual(before, two.Version());
            Assert.Equal("a", Assert.Single(two.EventsAfter(before.Events, 10)).Event.Id);
            Assert.NotNull(two.Find(EntityKind.Item, "i"));
        }

        await using FactoStore again = Open(name);
        Assert.Equal(1, again.CountEvents());
    }

    [Fact]
    public async Task Users_and_items_are_written_changed_and_deleted()
    {
        await using FactoStore store = Open(nameof(Users_and_items_are_written_changed_and_deleted));
        await store.PutAsync(
            EntityKind.Item,
            [new StoredEntity { Id = "i", Attributes = """{"genre":["a","b"]}""", AvailableFrom = 5, AvailableUntil = 9, Updated = 1 },
                new StoredEntity { Id = "j" }]);
        await store.PutAsync(EntityKind.User, [new StoredEntity { Id = "i", Attributes = """{"age":"7"}""" }]);
        Assert.Equal(
            (5L, 9L, """{"genre":["a","b"]}"""),
            (store.Find(EntityKind.Item, "i")!.AvailableFrom, store.Find(EntityKind.Item, "i")!.AvailableUntil,
                store.Find(EntityKind.Item, "i")!.Attributes));
        Assert.Equal("""{"age":"7"}""", store.Find(EntityKind.User, "i")!.Attributes);
        StoredEntity? changed = await store.UpdateAsync(EntityKind.Item, "i", e => e! with { IsHidden = true });
        Assert.True(changed!.IsHidden && store.Find(EntityKind.Item, "i")!.IsHidden);
        Assert.Null(await store.UpdateAsync(EntityKind.Item, "none", e => e));
        long before = store.Version().Entities;
        await store.UpdateAsync(EntityKind.Item, "i", e => e! with { IsDeleted = true });
        Assert.Null(store.Find(EntityKind.Item, "i"));
        StoredEntity mark = Assert.Single(store.EntitiesAfter(EntityKind.Item, before, 10));
        Assert.Equal(("i", true), (mark.Id, mark.IsDeleted));
        Assert.Equal(["j", "i"], store.EntitiesAfter(EntityKind.Item, 0, 10).Select(e => e.Id));
    }

    [Fact]
    public async Task Changes_of_one_entity_from_two_servers_are_one_after_another()
    {
        string name = nameof(Changes_of_one_entity_from_two_servers_are_one_after_another);
        await using FactoStore one = Open(name), two = Open(name);
        await one.PutAsync(EntityKind.Item, [new StoredEntity { Id = "i", Updated = 0 }]);
        await Task.WhenAll(
            Enumerable.Range(0, 200)
            .Select(n => (n % 2 == 0 ? one : two).UpdateAsync(EntityKind.Item, "i", e => e! with { Updated = e.Updated + 1 })));
        Assert.Equal(200, one.Find(EntityKind.Item, "i")!.Updated);
    }

    [Fact]
    public async Task Keys_are_added_once_and_revoked_once()
    {
        await using FactoStore store = Open(nameof(Keys_are_added_once_and_revoked_once));
        var key =
            new StoredKey
            {
                Id = "k",
                Hash = [1, 2, 3],
                Scopes = KeyScopes.Read | KeyScopes.Events,
                Name = "shop",
                Created = 1,
                Expires = 99
            };
        await store.AddKeyAsync(key);
        Assert.Contains("'k'", (await Assert.ThrowsAsync<FactoException>(() => store.AddKeyAsync(key))).Message, StringComparison.Ordinal);
        StoredKey stored = Assert.Single(store.AllKeys());
        Assert.Equal(key with { Hash = stored.Hash }, stored);
        Assert.Equal([1, 2, 3], stored.Hash);
        long before = store.Version().Keys;
        Assert.True(await store.RevokeKeyAsync("k", 7));
        Assert.False(await store.RevokeKeyAsync("k", 8));
        Assert.Equal(7, Assert.Single(store.AllKeys()).Revoked);
        Assert.True(store.Version().Keys > before);
    }

    [Fact]
    public async Task What_was_served_is_found_again()
    {
        await using FactoStore store = Open(nameof(What_was_served_is_found_again));
        StoredRecommendation[] served = [
            .. Enumerable.Range(0, 5)
            .Select(n =>
                new StoredRecommendation { Id = $"r{n}", User = n < 4 ? "ann" : "", Time = n, Bundle = "v1", Body = $$"""{"n":{{n}}}""" })];
        Assert.Equal(5, await store.RecordAsync(served));
        Assert.Equal(0, await store.RecordAsync(served));
        Assert.Equal(served[2], store.FindRecommendation("r2"));
        Assert.Null(store.FindRecommendation("none"));
        Assert.Equal(["r3", "r2"], store.RecommendationsOfUser("ann", 2).Select(r => r.Id));
    }

    [Fact]
    public async Task A_forgotten_user_is_nowhere_but_as_a_hash()
    {
        await using FactoStore store = Open(nameof(A_forgotten_user_is_nowhere_but_as_a_hash));
        await store.AppendAsync([Of("a"), Of("b") with { User = "ben" }]);
        await store.PutAsync(EntityKind.User, [new StoredEntity { Id = "ann", Attributes = """{"name":"Ann"}""" }]);
        await store.RecordAsync([new() { Id = "r", User = "ann", Time = 1, Bundle = "v", Body = "{}" }]);
        ForgetResult result = await store.ForgetAsync("ann", 5);
        Assert.Equal((1, 1, true), (result.Events, result.Recommendations, result.HadAttributes));
        Assert.Equal("ben", Assert.Single(store.EventsAfter(0, 10)).Event.User);
        Assert.Equal(
            ("{}", true),
            (store.EntitiesAfter(EntityKind.User, 0, 10)[^1].Attributes, store.EntitiesAfter(EntityKind.User, 0, 10)[^1].IsDeleted));
        Assert.Equal(result.Sequence, store.ForgottenUsers()[FactoStore.HashOf("ann")]);
        Assert.Equal(
            (0, 0, false),
            ((await store.ForgetAsync("ann", 6)).Events, (await store.ForgetAsync("ann", 6)).Recommendations,
                (await store.ForgetAsync("ann", 6)).HadAttributes));
    }

    [Fact]
    public async Task Retention_keeps_the_newest()
    {
        await using FactoStore store = Open(nameof(Retention_keeps_the_newest));
        await store.AppendAsync([.. Enumerable.Range(0, 10).Select(n => Of($"{n}") with { Time = n })]);
        await store.RecordAsync(
            [.. Enumerable.Range(0, 10)
                .Select(n => new StoredRecommendation { Id = $"r{n}", User = "u", Time = n, Bundle = "v", Body = "{}" })]);
        Assert.Equal((3, 2), await store.ApplyAsync(new RetentionRule { EventsBefore = 3, RecommendationsBefore = 2 }));
        Assert.Equal((3, 4), await store.ApplyAsync(new RetentionRule { MostEvents = 4, MostRecommendations = 4 }));
        Assert.Equal(["6", "7", "8", "9"], store.EventsAfter(0, 10).Select(e => e.Event.Id));
        Assert.Equal(["r9", "r8", "r7", "r6"], store.RecommendationsOfUser("u", 10).Select(r => r.Id));
        Assert.Equal((0, 0), await store.ApplyAsync(new RetentionRule()));
    }

    [Fact]
    public async Task A_write_that_fails_takes_no_other_with_it()
    {
        await using FactoStore store = Open(nameof(A_write_that_fails_takes_no_other_with_it));
        await store.AddKeyAsync(new StoredKey { Id = "k", Hash = [1], Scopes = KeyScopes.Read, Created = 1 });
        Task<AppendResult>[] appends = [.. Enumerable.Range(0, 100).Select(n => store.AppendAsync([Of($"{n}")]))];
        Task<FactoException>[] failing = [
            .. Enumerable.Range(0, 20)
            .Select(_ =>
                Assert.ThrowsAsync<FactoException>(
                    () => store.AddKeyAsync(new StoredKey { Id = "k", Hash = [1], Scopes = KeyScopes.Read, Created = 1 })))];
        await Task.WhenAll(failing);
        await Task.WhenAll(appends);
        Assert.Equal(100, store.CountEvents());
    }

    [Fact]
    public void Events_of_any_text_come_back_as_given() =>
        Gen.Select(Gen.String[1, 40], Gen.String[1, 40], Gen.String[0, 20], Gen.Double).Sample(
        (user, item, kind, value) =>
        {
            // A character zero is refused before the store: PostgreSQL's text cannot hold it; neither can any UTF-8 hold half a surrogate
            // pair.
            if ($"{user}{item}{kind}".AsSpan().ContainsAnyInRange('\ud800', '\udfff')
                || $"{user}{item}{kind}".Contains('\0', StringComparison.Ordinal) || !double.IsFinite(value))
            {
                return;
            }
            FactoStore store = _property ??= Open("property");
            StoredEvent given = Of($"{Interlocked.Increment(ref _next)}") with { User = user, Item = item, Kind = kind, Value = value };
            AppendResult result = store.AppendAsync([given]).GetAwaiter().GetResult();
            Assert.Equal(given, Assert.Single(store.EventsAfter(result.LastSequence - 1, 1)).Event);
        },
        iter: 100, threads: 1);

    private FactoStore? _property;
    private int _next;

    private static StoredEvent Of(string id) => new() { Id = id, User = "ann", Item = "i", Kind = "view", Time = 1 };
}
