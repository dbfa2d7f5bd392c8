using Facto.Training.Options;

namespace Facto.Tests.Training.Options;

public sealed class OptionDocsTests
{
    /// <summary>FACTO_WRITE_DOCS=1 writes the file anew.</summary>
    [Fact]
    public void The_page_of_options_is_what_the_tables_say()
    {
        string path = Path.Combine(Repository.Root, "docs", "options.md"), text = OptionHelp.Markdown();
        if (Environment.GetEnvironmentVariable("FACTO_WRITE_DOCS") == "1") { File.WriteAllText(path, text); }
        Assert.Equal(text, File.ReadAllText(path));
    }
}
