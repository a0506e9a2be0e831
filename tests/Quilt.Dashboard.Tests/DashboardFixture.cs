using Microsoft.Playwright;

namespace Quilt.Dashboard.Tests;

/// <summary>The daemon and the browser of all tests here: Debian's Chromium, which Playwright drives and does not fetch.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private const float PatienceMs = 30_000;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public DashboardDaemon Daemon { get; private set; } = null!;

    /// <summary>Null: there is no browser.</summary>
    public IBrowser Browser
    {
        get
        {
            Assert.SkipUnless(_browser is not null, $"{Chromium} is not there: apt-get install chromium");
            return _browser;
        }
    }

    public async ValueTask InitializeAsync()
    {
        Daemon = await DashboardDaemon.StartAsync();
        if (!File.Exists(Chromium))
        {
            return;
        }

        Assertions.SetDefaultExpectTimeout(PatienceMs);
        _playwright = await Playwright.CreateAsync();

        // Tests run as root, for whom Chromium's own sandbox does not work; the pages are ours.
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Daemon.DisposeAsync();
    }
}
