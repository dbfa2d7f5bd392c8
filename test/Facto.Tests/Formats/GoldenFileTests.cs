using System.Globalization;
using System.Text.RegularExpressions;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;
using Facto.Serving;

namespace Facto.Tests.Formats;

/// <summary>
/// Files of layout 1 as the program of November 2026 wrote them, from 30 made-up users and 24 items. They are read for ever: never write
/// them anew. A new layout gets a folder of its own beside this one.
/// </summary>
public class GoldenFileTests
{
    // What the program that wrote a file found with it: the five best for the first item's own vector.
    private static readonly (int Item, int Bits)[] Best =
        [(4, 1040400025), (13, 1037690253), (2, 1037056924), (0, 1037030838), (7, 1034455656)];

    private static readonly Dictionary<string, Action<string>> Formats = new()
    {
        ["dataset.facto"] = path =>
        {
            DatasetFile file = DatasetFile.Open(path);
            Assert.Equal((240, 30, 30), (file["train"].Count, file["validation"].Count, file["test"].Count));
            Assert.Equal((30, 24, "i10"), (file["train"].Users!.RowCount, file["train"].Items!.RowCount, file["train"].ItemIds![0]));
        },
        ["model.facto"] = path =>
        {
            FmModel model = FmModelFile.Open(path);
            Assert.Equal(
                (4, 54, 3.3565328f, 1f, 5f), (model.FactorCount, model.Schema.FeatureCount, model.Bias, model.MinLabel, model.MaxLabel));
        },
        ["posterior.facto"] = path =>
        {
            FmPosterior model = FmPosteriorFile.Open(path);
            Assert.Equal((2, 2, 54, 3.5625086f), (model.FactorCount, model.DrawCount, model.Schema.FeatureCount, model.Mean.Bias));
        },
        ["vectors.facto"] = path =>
        {
            VectorTable table = VectorTableFile.Open(path);
            Assert.Equal((24, 5, "i10", -0.31672406f), (table.Count, table.Dimension, table.Id(0), table.Vectors[0, 0]));
        },
        ["exact.facto"] = path => Finds(ScanFile.Open(path)),
        ["bounded.facto"] = path => Finds(ScanFile.Open(path)),
        ["graph.facto"] = path => Finds(GraphFile.Open(path)),
        ["ivf.facto"] = path => Finds(IvfFile.Open(path)),
        ["ivf-product.facto"] = path => Finds(IvfFile.Open(path)),
        ["checkpoint.facto"] = path =>
        {
            using var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, 1);
            Assert.Equal(3, Facto.Training.Checkpoint.ReadMeta(reader).History.Length);
        },
        ["bundle"] = path =>
        {
            Bundle bundle = BundleFolder.Open(path);
            RecommendationResponse response = new Recommender(bundle).Recommend(new RecommendationRequest { User = "u3", Count = 3 });
            Assert.Equal(("v1", 1), (response.Version, bundle.Manifest.Format));
            string list = string.Join(' ', response.Items.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Id}:{i.Score:F4}")));
            Assert.Equal("i14:3.9227 i19:3.7495 i16:3.2344", list);
        },
    };

    public static TheoryData<string> Names => [.. Formats.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_of_layout_1_is_read_with_what_it_held(string name) => Formats[name](Golden(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_newer_layout_is_refused_with_the_way_out(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("newer");
        if (name == "bundle")
        {
            Directory.CreateDirectory(path);
            string manifest = File.ReadAllText(Path.Combine(Golden(name), "v1", "manifest.json"));
            File.WriteAllText(
                Path.Combine(path, "manifest.json"), manifest.Replace("\"format\": 1", "\"format\": 99", StringComparison.Ordinal));
        }
        else
        {
            WriteNewer(Golden(name), path);
        }

        Exception error = Record.Exception(() => Formats[name](path))!;
        Assert.IsType<InvalidDataException>(error);
        Assert.Contains("newer", error.Message, StringComparison.Ordinal);
        Assert.Contains("99", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    // A class that names a layout's version writes a format; each is one of those above.
    [Fact]
    public void Every_format_has_a_golden_file()
    {
        string[] covered =
        [
            "DatasetFile", "FmModelFile", "FmPosteriorFile", "VectorTableFile", "ScanFile", "GraphFile", "IvfFile", "Checkpoint",
                "BundleManifest",
        ];
        string[] writers = [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => Regex.IsMatch(File.ReadAllText(f), @"new ArtefactWriter\("))
            .Select(f => Path.GetFileNameWithoutExtension(f)!)];
        Assert.Empty(writers.Except(covered));
        Assert.Equal(Formats.Keys.Order(), Directory.GetFileSystemEntries(Golden(string.Empty)).Select(Path.GetFileName).Order());
    }

    private static string Golden(string name) => Path.Combine(Repository.Root, "test", "Facto.Tests", "Formats", "v1", name);

    private static void Finds(IItemIndex index)
    {
        RowMatrix items = VectorTableFile.Open(Golden("vectors.facto")).Vectors;
        var best = new Scored[5];
        Assert.Equal((24, 5), (index.Count, index.Dimension));
        Assert.Equal(5, index.Search(items.Row(0), default, best));
        GC.KeepAlive(items);
        Assert.Equal(Best.Select(b => b.Item), best.Select(s => s.Index));
        foreach ((Scored found, (int _, int bits)) in best.Zip(Best))
        {
            Assert.Equal(BitConverter.Int32BitsToSingle(bits), found.Score, 1e-6f);
        }
    }

    // The same bytes under a header of version 99.
    private static void WriteNewer(string golden, string path)
    {
        byte[] bytes = File.ReadAllBytes(golden);
        ref ArtefactHeader header = ref System.Runtime.InteropServices.MemoryMarshal.AsRef<ArtefactHeader>(bytes.AsSpan());
        header.Version = 99;
        header.HeaderCrc = 0;
        header.HeaderCrc = StableHash.Crc32C(bytes.AsSpan(0, System.Runtime.CompilerServices.Unsafe.SizeOf<ArtefactHeader>()));
        File.WriteAllBytes(path, bytes);
    }
}
