using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Facto.EndToEnd.Tests;

/// <summary>The web console in a real browser (Debian's Chromium), over the program that serves it.</summary>
public sealed partial class ConsoleTests : IAsyncLifetime
{
    private const string Browser = "/usr/bin/chromium";

    private readonly Folder _folder = new();
    private readonly List<string> _requests = [], _complaints = [];
    private Process? _service;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IPage _page = null!;
    private string _url = string.Empty;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists(Browser), $"{Browser} is not installed");
        _folder.WithProject();
        Assert.Equal(0, FactoProcess.Run(_folder.Path, "train", "--quiet", "--evaluate").Code);
        _service = FactoProcess.Start(_folder.Path, ["serve", "--url", "http://127.0.0.1:0"]);
        while (_url.Length == 0)
        {
            _url = Address()
                .Match(await _service.StandardOutput.ReadLineAsync()
                    ?? throw new InvalidOperationException("the service did not start")).Value;
        }
        _playwright = await Playwright.CreateAsync();
        _browser =
            await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Browser, Args = ["--no-sandbox"] });
        _page = await _browser.NewPageAsync();
        _page.Request += (_, request) => _requests.Add(request.Url);
        _page.Console += (_, message) => { if (message.Type == "error") { _complaints.Add(message.Text); } };
        _page.PageError += (_, error) => _complaints.Add(error);
        _page.SetDefaultTimeout(30_000);
        Assertions.SetDefaultExpectTimeout(30_000);   // a slow machine is no defect of the console
        await _page.GotoAsync(_url);
        await Assertions.Expect(Items).ToHaveCountAsync(10);
    }

    [Fact]
    public async Task A_user_is_looked_up_and_every_term_of_a_score_is_shown()
    {
        await Assertions.Expect(Items).ToHaveCountAsync(10);
        await AskFor("u3");
        await Assertions.Expect(_page.GetByTestId("had").First).ToContainTextAsync("Title");
        ILocator first = Items.First;
        await Assertions.Expect(first).ToContainTextAsync("× user=u3");
        await first.Locator(".mud-link").ClickAsync();
        ILocator card = _page.GetByTestId("picked");
        await Assertions.Expect(card).ToContainTextAsync("raw score, the exact sum");
        string raw = (await first.Locator("[title^='raw score']").GetAttributeAsync("title"))!["raw score ".Length..];
        string sum = await card.Locator("tr").Last.Locator("td").Last.InnerTextAsync();
        Assert.Equal(double.Parse(raw, CultureInfo.InvariantCulture), double.Parse(sum, CultureInfo.InvariantCulture), 2e-3);
        await card.GetByText("Similar").ClickAsync();
        await Assertions.Expect(card).ToContainTextAsync("cosine");
        await Assertions.Expect(_page.GetByTestId("metrics")).ToContainTextAsync("popularity");
        Assert.Empty(_complaints);
        Assert.All(
            _requests, r =>
            Assert.True(r.StartsWith(_url, StringComparison.Ordinal) || r.StartsWith("data:", StringComparison.Ordinal), r));
    }

    [Fact]
    public async Task An_unknown_user_gets_the_generally_best_items_and_is_told_so()
    {
        await AskFor("nobody", listed: false);
        await Assertions.Expect(_page.GetByText("This user is unknown")).ToBeVisibleAsync();
        await Assertions.Expect(Items).ToHaveCountAsync(10);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task The_popularity_dial_changes_the_order()
    {
        await AskFor("u3");
        await Assertions.Expect(Items.First).ToContainTextAsync("u3");
        string before = string.Join('|', await Items.AllInnerTextsAsync());
        await _page.Locator("input[type=range]").FillAsync("0");
        await Assertions.Expect(_page.GetByText("Popularity dial 0.0")).ToBeVisibleAsync();
        Assert.NotEqual(before, string.Join('|', await Items.AllInnerTextsAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) { await _browser.CloseAsync(); }
        _playwright?.Dispose();
        _service?.Kill(entireProcessTree: true);
        _service?.Dispose();
        _folder.Dispose();
    }

    private ILocator Items => _page.GetByTestId("item");

    // As a person does: type, and choose from the list when it is there.
    private async Task AskFor(string user, bool listed = true)
    {
        ILocator box = _page.GetByLabel("User", new PageGetByLabelOptions { Exact = true });
        await box.FillAsync(user);
        if (listed) { await _page.Locator(".mud-popover-open").GetByText(user, new LocatorGetByTextOptions { Exact = true }).ClickAsync(); }
        else { await box.PressAsync("Tab"); }
    }

    [GeneratedRegex("http://127.0.0.1:[0-9]+/?")]
    private static partial Regex Address();
}
