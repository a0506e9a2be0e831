using Grpc.Core;
using Microsoft.Playwright;
using Quilt.Api.V1;
using Quilt.Testing;
using static Microsoft.Playwright.Assertions;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>Every view over one small world, whose pictures are the documentation's.</summary>
public sealed class ViewTests(DashboardFixture fixture) : IAsyncLifetime
{
    private static readonly string[] Views = ["Containers", "Topology", "Images", "Sessions and tasks", "Audit"];
    private static readonly bool Updates = Environment.GetEnvironmentVariable("QUILT_UPDATE_SNAPSHOTS") == "1";
    private readonly List<string> _containers = [];

    public async ValueTask InitializeAsync()
    {
        await CallAsync("beginSession", """{"name":"release-1.4"}""");
        await CallAsync("beginTask", """{"name":"load-test"}""");
        await CallAsync("createNetwork", """{"name":"backend"}""");
        await Add("web", "trap 'exit 0' TERM; i=0; while [ $i -lt 8 ]; do i=$((i+1)); echo \"GET /orders/$i 200\"; done; echo 'slow query: 1.2 s' >&2; while :; do sleep 1 & wait; done");
        await Add("api", "while :; do :; done", c => c.Resources = new Resources { Cpus = 0.2, MemoryBytes = 64 << 20, Pids = 64 });
        await Add("db");
        await Add("cache");
        await Add("migrate", "exit 3");
        await CallAsync("establishConnection", """{"from":"web","to":"api","port":8080}""");
        await CallAsync("establishConnection", """{"from":"api","to":"db","port":5432}""");
        await CallAsync("establishConnection", """{"from":"api","to":"cache","port":6379}""");
        await CallAsync("connectToNetwork", """{"network":"backend","container":"db"}""");
        await CallAsync("bindPort", $$"""{"container":"web","port":80,"hostPort":{{FreePort.Find()}}}""");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string id in _containers)
        {
            await fixture.Daemon.Client.Remove(id);
        }

        await CallAsync("removeNetwork", """{"network":"backend"}""");
        await CallAsync("endTask", """{"task":"load-test"}""");
        await CallAsync("endSession", """{"session":"release-1.4"}""");
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_view_shows_what_there_is()
    {
        // A call that is refused, for the audit.
        string token = System.Text.Json.JsonElement.Parse(await CallAsync("createAgent", """{"name":"reader","config":{"grant":{"tools":{"deny":["removeContainer"]}}}}""")).GetProperty("token").GetString()!;
        await Assert.ThrowsAsync<RpcException>(() => CallAsync("removeContainer", """{"container":"db"}""", token));

        await using Visit visit = await Visit.EnterAsync(fixture);
        await Expect(visit.Row("api").Locator("td").Nth(2)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^(1\d|2\d)\.\d %$"));
        await Expect(visit.Row("migrate")).ToContainTextAsync("exited (3)");
        await Picture(visit, "containers");

        await visit.GoAsync("Topology");
        ILocator graph = visit.Page.Locator("svg.graph");
        await Expect(graph.Locator("g")).ToHaveCountAsync(6);
        await Expect(graph.Locator(".label", new() { HasText = "5432/tcp" })).ToBeVisibleAsync();
        await Expect(graph.GetByText("backend", new() { Exact = true }).Last).ToBeVisibleAsync();
        await Expect(visit.Row("db:5432/tcp")).ToBeVisibleAsync();
        await Picture(visit, "topology");
        await CallAsync("severConnection", """{"from":"api","to":"cache","port":6379}""");
        await Expect(graph.Locator(".label", new() { HasText = "6379/tcp" })).ToHaveCountAsync(0);

        await visit.GoAsync("Images");
        await Expect(visit.Row("quilt/busybox")).ToContainTextAsync("iB");
        await Expect(visit.Row("volumes")).ToBeVisibleAsync();
        await Picture(visit, "images");

        await visit.GoAsync("Sessions and tasks");
        await Expect(visit.Row("release-1.4")).ToContainTextAsync("active");
        await Expect(visit.Row("load-test")).ToContainTextAsync("active");
        await Picture(visit, "sessions");

        await visit.GoAsync("Audit");
        await Expect(visit.Row("reader").Filter(new() { HasText = "denied" })).ToContainTextAsync("removeContainer");
        await Expect(visit.Row("establishConnection").First).ToContainTextAsync("allowed");
        await Expect(visit.Row("getUsage")).ToHaveCountAsync(0);
        await Picture(visit, "audit");
        await visit.Page.GetByLabel("Outcome").SelectOptionAsync("denied");
        await Expect(visit.Row("establishConnection")).ToHaveCountAsync(0);
        await Expect(visit.Row("reader")).ToContainTextAsync("permission_denied");

        await visit.OpenAsync("api");
        await Expect(visit.Page.Locator(".tile")).ToHaveCountAsync(4);
        await Expect(visit.Page.Locator(".tile polyline").First).ToHaveAttributeAsync("points", new System.Text.RegularExpressions.Regex(@"^\S+ \S+"));
        await Picture(visit, "container");
        await visit.OpenAsync("web", "Logs");
        await Expect(visit.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("slow query");
        await Picture(visit, "logs");
        ILocator screen = await visit.OpenTerminalAsync("db");
        await visit.Page.Keyboard.TypeAsync("id; uname -sr; ls --color=always /\n");
        await Expect(screen).ToContainTextAsync("uid=0(root)");
        await Expect(screen).ToContainTextAsync("proc");
        await Picture(visit, "terminal");
        visit.HasNoComplaints();
        await CallAsync("removeAgent", """{"agent":"reader"}""");
    }

    [Theory]
    [InlineData(390, 800, ColorScheme.Dark)]
    [InlineData(1280, 800, ColorScheme.Dark)]
    [InlineData(1280, 800, ColorScheme.Light)]
    public async Task It_fits_the_screen_and_can_be_read_in_its_colours(int width, int height, ColorScheme scheme)
    {
        await using Visit visit = await Visit.EnterAsync(fixture, "", width, height, scheme);
        foreach (string view in Views)
        {
            await visit.GoAsync(view);
            await Expect(visit.Page.Locator("main table, svg.graph").First).ToBeVisibleAsync();
            Assert.True(await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{view} is wider than {width}");
        }

        // Text against what is behind it (WCAG 2, 1.4.3).
        double contrast = await visit.Page.EvaluateAsync<double>(
            """
            () => {
              const light = text => {
                const [r, g, b] = text.match(/\d+/g).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const back = getComputedStyle(document.querySelector('.scroll')).backgroundColor, values = [];
              for (const name of ['dim', 'good', 'bad', 'warn', '']) {
                const probe = document.createElement('span');
                probe.className = name;
                document.querySelector('main').append(probe);
                const [a, b] = [light(getComputedStyle(probe).color), light(back)].sort((x, y) => y - x);
                values.push((a + 0.05) / (b + 0.05));
                probe.remove();
              }
              return Math.min(...values);
            }
            """);
        Assert.True(contrast >= 4.5, $"contrast {contrast}");
        if ((width, scheme) == (390, ColorScheme.Dark))
        {
            await visit.GoAsync("Topology");
            await Expect(visit.Page.Locator("svg.graph")).ToBeVisibleAsync();
            await Picture(visit, "narrow");
        }

        visit.HasNoComplaints();
    }

    private async Task Add(string name, string script = "exec sleep 1000", Action<ContainerSpec>? change = null)
    {
        ContainerSpec spec = new() { Name = name, Command = { "sh", "-c", script }, Labels = { ["shop"] = name is "db" or "cache" ? "data" : "orders" } };
        change?.Invoke(spec);
        _containers.Add((await fixture.Daemon.Client.Run(spec)).Id);
    }

    private async Task<string> CallAsync(string tool, string arguments, string? token = null)
    {
        Metadata headers = token is null ? [] : new Metadata { { "authorization", $"Bearer {token}" } };
        using AsyncServerStreamingCall<CallToolEvent> call = fixture.Daemon.Client.CallTool(new CallToolRequest { Name = tool, Arguments = arguments }, headers);
        string result = "";
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            result = call.ResponseStream.Current.Result;
        }

        return result;
    }

    /// <summary>For the documentation; written when snapshots are.</summary>
    private static async Task Picture(Visit visit, string name)
    {
        if (Updates)
        {
            string path = Sources.PathOf($"docs/images/dashboard-{name}.png");
            PageViewportSizeResult size = visit.Page.ViewportSize!;
            float bottom = await visit.Page.EvaluateAsync<float>("document.querySelector('main').getBoundingClientRect().bottom");
            await visit.Page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = path, Animations = ScreenshotAnimations.Disabled, Clip = new Clip { Width = size.Width, Height = Math.Min(size.Height, bottom) },
            });
        }
    }
}
