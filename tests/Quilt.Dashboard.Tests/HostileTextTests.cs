using Microsoft.Playwright;
using Quilt.Api.V1;
using static Microsoft.Playwright.Assertions;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>What containers say is text, wherever it is shown.</summary>
public sealed class HostileTextTests(DashboardFixture fixture)
{
    private const string Markup = "<img src=x onerror=\"window.taken=true\"><script>window.taken=true</script>";

    [Fact]
    public async Task Markup_of_a_container_is_shown_and_never_taken_for_markup()
    {
        Container container = await fixture.Daemon.Client.Run(new ContainerSpec
        {
            Name = "hostile", Command = { "sh", "-c", $"echo '{Markup}'; echo '{Markup}' >&2; exec sleep 1000" }, Labels = { ["note"] = Markup }, Env = { ["LOOK"] = Markup },
        });
        await using Visit visit = await Visit.EnterAsync(fixture);
        await Expect(visit.Row("hostile")).ToContainTextAsync(Markup);
        await visit.OpenAsync("hostile");
        await Expect(visit.Page.Locator("dl")).ToContainTextAsync(Markup);
        await visit.OpenAsync("hostile", "Logs");
        await Expect(visit.Page.GetByRole(AriaRole.Log).GetByText(Markup)).ToHaveCountAsync(2);
        ILocator screen = await visit.OpenTerminalAsync("hostile");
        await visit.Page.Keyboard.TypeAsync("echo \"$LOOK\"\n");
        await Expect(screen).ToContainTextAsync("<img src=x");
        await visit.GoAsync("Audit");
        await Expect(visit.Row("createContainer").First).ToBeVisibleAsync();

        Assert.False(await visit.Page.EvaluateAsync<bool>("'taken' in window"));
        Assert.Equal(0, await visit.Page.Locator("img[src=x], main script").CountAsync());
        visit.HasNoComplaints();
        await fixture.Daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task Even_where_a_mistake_would_make_markup_of_it_the_browser_refuses()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        string refused = await visit.Page.EvaluateAsync<string>("html => { try { document.body.innerHTML = html; return ''; } catch (e) { return e.name; } }", Markup);
        Assert.Equal("TypeError", refused);
        await visit.SeesAsync("Containers");
    }

    [Fact]
    public async Task An_unknown_page_address_harms_nothing()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        foreach (string hash in (string[])["#/containers/" + Uri.EscapeDataString(Markup), "#/__proto__", "#/constructor", "#/%E0%A4%A", "#/containers/../../x"])
        {
            await visit.Page.EvaluateAsync("hash => { location.hash = hash; }", hash);
            await Expect(visit.Page.GetByRole(AriaRole.Navigation)).ToBeVisibleAsync();
        }

        Assert.False(await visit.Page.EvaluateAsync<bool>("'taken' in window"));
        await visit.GoAsync("Images");
        visit.HasNoComplaints("400", "404");
    }
}
