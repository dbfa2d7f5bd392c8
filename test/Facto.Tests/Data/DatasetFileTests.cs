using System.Text.Json;
using CsCheck;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Data;

public class DatasetFileTests
{
    [Fact]
    public void Every_dataset_comes_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        RandomDatasets.Any.Sample(data =>
        {
            Dataset half = data.Select([.. Enumerable.Range(0, data.Count).Where(i => i % 2 == 0)]);
            DatasetFile.Save(
                new Dictionary<string, Dataset> { ["train"] = data, ["test"] = half }, folder.File("d.facto"),
                JsonSerializer.SerializeToElement(new { rows = data.Count }));
            using DatasetFile file = DatasetFile.Open(folder.File("d.facto"));
            Assert.Equal(["train", "test"], file.Parts.Keys);
            RandomDatasets.AssertSame(data, file["train"]);
            RandomDatasets.AssertSame(half, file["test"]);
            Assert.Equal(data.Count, file.Note!.Value.GetProperty("rows").GetInt32());
            Assert.Equal(
                DatasetFingerprint.Of(new Dictionary<string, Dataset> { ["train"] = file["train"], ["test"] = file["test"] }),
                file.Fingerprint);
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void A_damaged_dataset_is_reported_and_never_read()
    {
        using var folder = new TemporaryFolder();
        DatasetFile.Save(RandomDatasets.Make(3, 1023, 30), folder.File("d.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("d.facto"), path => DatasetFile.Open(path).Dispose());
    }

    [Fact]
    public void Rows_that_point_outside_their_tables_are_refused_although_the_checksums_are_right()
    {
        using var folder = new TemporaryFolder();
        Dataset good = RandomDatasets.Make(3, 1023, 30);
        good.Interactions.Items![7] = 4;
        DatasetFile.Save(good, folder.File("d.facto"));
        Assert.Contains(
            "refers to item 4, there are 4", Assert.Throws<InvalidDataException>(() => DatasetFile.Open(folder.File("d.facto"))).Message,
            StringComparison.Ordinal);
        good.Interactions.Items[7] = 3;
        good.Users!.FeatureBlock[0] = 15;
        DatasetFile.Save(good, folder.File("d.facto"));
        Assert.Contains(
            "'users' has feature 15", Assert.Throws<InvalidDataException>(() => DatasetFile.Open(folder.File("d.facto"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_there_is_answered_with_those_that_are()
    {
        using var folder = new TemporaryFolder();
        DatasetFile.Save(RandomDatasets.Make(3, 0, 5), folder.File("d.facto"));
        using DatasetFile file = DatasetFile.Open(folder.File("d.facto"), verify: false);
        file.Verify();
        Assert.Contains(
            "it has no part 'test', only 'train'", Assert.Throws<FactoException>(() => file["test"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_is_the_same_everywhere_and_changes_with_every_column()
    {
        Dataset data = RandomDatasets.Make(11, 1023, 9);
        string before = DatasetFingerprint.Of(data);
        Assert.Equal(before, DatasetFingerprint.Of(RandomDatasets.Make(11, 1023, 9)));
        Assert.Equal("265b48d9fe412ae1258b90fec204b325", before);   // written into models and bundles: must not change between versions
        var changes = new List<Action>
        {
            () => data.Interactions.Labels[3]++,
            () => data.Interactions.Weights![8]++,
            () => data.Interactions.Times![0]++,
            () => data.Interactions.Users![1] ^= 1,
            () => data.Interactions.Contexts![2] ^= 1,
            () => data.Users!.FeatureBlock[0] ^= 1,
            () => data.Contexts!.FeatureBlock[1] ^= 1,
        };
        var seen = new HashSet<string> { before };
        foreach (Action change in changes)
        {
            change();
            Assert.True(seen.Add(DatasetFingerprint.Of(data)));
        }
    }

    [Fact]
    public void A_vector_table_comes_back_and_damage_is_reported()
    {
        using var folder = new TemporaryFolder();
        var vectors = new RowMatrix(5, 3);
        for (int r = 0; r < 5; r++) { vectors.Row(r).Fill(r + 0.25f); }
        foreach (Vocabulary? ids in new[] { null, new Vocabulary(["a", "b", "c", "d", "é"]) })
        {
            VectorTableFile.Save(new VectorTable(vectors, ids), folder.File("v.facto"));
            VectorTable back = VectorTableFile.Open(folder.File("v.facto"));
            Assert.Equal((5, 3), (back.Count, back.Dimension));
            Assert.Equal(ids is null ? "4" : "é", back.Id(4));
            for (int r = 0; r < 5; r++) { Assert.Equal(vectors.Row(r), back.Vectors.Row(r)); }
        }

        CorruptionChecks.EveryDamageIsReported(folder.File("v.facto"), path => VectorTableFile.Open(path));
    }
}
