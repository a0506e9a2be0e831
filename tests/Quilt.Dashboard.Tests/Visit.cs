using Microsoft.Playwright;

namespace Quilt.Dashboard.Tests;

/// <summary>A person's visit: a page that remembers what went wrong in it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private Visit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    internal IPage Page { get; }

    /// <summary>Without a token: to where it is asked for.</summary>
    internal static async Task<Visit> BeginAsync(DashboardFixture fixture, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        IBrowserContext context = await fixture.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(30_000);
        Visit visit = new(context, await context.NewPageAsync());
        visit.Page.PageError += (_, error) => visit._complaints.Add(error);
        visit.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                visit._complaints.Add(message.Text);
            }
        };
        return visit;
    }

    /// <summary>By the link that 'quilt dashboard' prints.</summary>
    internal static async Task<Visit> EnterAsync(DashboardFixture fixture, string agent = "", int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        Visit visit = await BeginAsync(fixture, width, height, scheme);
        await visit.Page.GotoAsync(await fixture.Daemon.LinkAsync(agent));
        await visit.SeesAsync("Containers");
        return visit;
    }

    internal Task SeesAsync(string heading) => Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true, Level = 1 })).ToBeVisibleAsync();

    /// <summary>By the links at the top.</summary>
    internal async Task GoAsync(string view)
    {
        await Page.GetByRole(AriaRole.Navigation).GetByText(view, new() { Exact = true }).ClickAsync();
        await SeesAsync(view);
    }

    internal async Task OpenAsync(string container, string tab = "Overview")
    {
        await GoAsync("Containers");
        await Page.GetByRole(AriaRole.Link, new() { Name = container, Exact = true }).ClickAsync();
        await Page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Tab, new() { Name = tab })).ToHaveAttributeAsync("aria-selected", "true");
    }

    /// <summary>A shell in the container, which has the keyboard.</summary>
    /// <returns>What it shows.</returns>
    internal async Task<ILocator> OpenTerminalAsync(string container)
    {
        await OpenAsync(container, "Terminal");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
        await Assertions.Expect(Page.Locator("form [role=status]", new() { HasText = "running" })).ToBeVisibleAsync();
        return Page.Locator(".xterm-rows");
    }

    internal ILocator Row(string text) => Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    /// <summary>Nothing was refused by the page's policy, and nothing failed.</summary>
    /// <param name="expected">What of it was to be.</param>
    internal void HasNoComplaints(params string[] expected) => Assert.DoesNotContain(_complaints, c => !expected.Any(e => c.Contains(e, StringComparison.Ordinal)));

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
