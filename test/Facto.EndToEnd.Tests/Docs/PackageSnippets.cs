using Facto.Import;
using Facto.Server;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests.Docs;

/// <summary>The C# of the pages of Facto.Import and Facto.Server: the pages show these regions, DocsTests holds them equal.</summary>
public class PackageSnippets
{
    private readonly StringWriter Console = new();

    [Fact]
    public void A_project_is_imported()
    {
        using Folder own = new Folder().WithProject();
        string folder = own.Path;

        #region ImportProject
        ProjectFile project = ProjectFile.Load(folder);
        ImportReport report = ProjectImporter.Run(project);
        Console.WriteLine($"{report.Rows} rows read, {report.BadRows} of them bad; the dataset is {project.DatasetPath}");
        #endregion

        Assert.StartsWith("480 rows read, 0 of them bad", Console.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(project.DatasetPath));
    }

    [Fact]
    public async Task A_folder_of_bundles_is_served()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using Folder own = new Folder().WithProject();
        Assert.Equal(0, FactoProcess.Run(own.Path, "train", "--quiet").Code);
        string bundles = own.File("out", "bundles");

        #region ServerHost
        var options = new FactoServerOptions { BundleFolder = bundles, Url = "http://127.0.0.1:0" };   // 0: any free port
        await using WebApplication app = FactoServer.Build(options);
        await app.StartAsync(stop);
        Console.WriteLine($"the console is {app.Urls.First()}/");
        #endregion

        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Contains("<title>Facto</title>", await client.GetStringAsync("/", stop), StringComparison.Ordinal);
        Assert.StartsWith("the console is http://127.0.0.1:", Console.ToString(), StringComparison.Ordinal);
    }
}
