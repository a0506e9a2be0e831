using Grpc.Core;
using Microsoft.Playwright;
using Quilt.Api.V1;
using static Microsoft.Playwright.Assertions;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>How a person comes in, and what the page does when the daemon goes.</summary>
public sealed class EnteringTests(DashboardFixture fixture)
{
    [Fact]
    public async Task A_link_opens_it_and_its_code_does_not_stay_in_the_address()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        Assert.Equal($"{fixture.Daemon.Url}#/containers", visit.Page.Url);
        await Expect(visit.Page.GetByText("as operator")).ToBeVisibleAsync();
        await visit.Page.ReloadAsync();
        await visit.SeesAsync("Containers");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await Expect(visit.Page.GetByLabel("Token")).ToBeVisibleAsync();
        Assert.Equal("", await visit.Page.EvaluateAsync<string>("Object.values(sessionStorage).join() + document.cookie"));
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task Who_opens_a_link_that_another_has_opened_is_told_and_the_other_is_out()
    {
        string link = await fixture.Daemon.LinkAsync();
        await using Visit first = await Visit.BeginAsync(fixture), second = await Visit.BeginAsync(fixture);
        await first.Page.GotoAsync(link);
        await first.SeesAsync("Containers");
        await second.Page.GotoAsync(link);
        await Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("the link was opened before");
        await Expect(first.Page.GetByLabel("Token")).ToBeVisibleAsync();
        first.HasNoComplaints("401");
        second.HasNoComplaints("401");
    }

    [Fact]
    public async Task A_link_that_is_pasted_into_an_open_page_opens_it_anew()
    {
        string agent = $"agent-{Guid.NewGuid():N}";
        await fixture.Daemon.CallAsync("createAgent", """{"name":"NAME"}""".Replace("NAME", agent, StringComparison.Ordinal));
        await using Visit visit = await Visit.EnterAsync(fixture);
        await Expect(visit.Page.GetByText("as operator")).ToBeVisibleAsync();
        await visit.Page.GotoAsync(await fixture.Daemon.LinkAsync(agent));
        await Expect(visit.Page.GetByText($"as {agent}")).ToBeVisibleAsync();
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task A_token_can_be_typed_in_and_a_wrong_one_is_told()
    {
        await using Visit visit = await Visit.BeginAsync(fixture);
        await visit.Page.GotoAsync(fixture.Daemon.Url);
        await visit.Page.GetByLabel("Token").FillAsync("quilt_guess");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("the token is not known");
        await visit.Page.GetByLabel("Token").FillAsync(await fixture.Daemon.TokenAsync());
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync("Containers");
        visit.HasNoComplaints("401");
    }

    [Fact]
    public async Task An_agent_sees_what_is_its_own_and_is_told_what_it_may_not()
    {
        string agent = $"agent-{Guid.NewGuid():N}";
        Container foreign = await fixture.Daemon.Client.Create(new ContainerSpec { Name = $"foreign-{Guid.NewGuid():N}" });
        await fixture.Daemon.CallAsync("createAgent", """{"name":"NAME","config":{"grant":{"tools":{"deny":["getDiskUsage"]}}}}""".Replace("NAME", agent, StringComparison.Ordinal));
        await using Visit visit = await Visit.EnterAsync(fixture, agent);
        await Expect(visit.Page.GetByText($"as {agent}")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("There is no container.")).ToBeVisibleAsync();
        await visit.GoAsync("Images");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("the tool 'getDiskUsage' is outside the grant");
        await Expect(visit.Row("quilt/busybox")).ToBeVisibleAsync();
        await visit.Page.GotoAsync($"{fixture.Daemon.Url}#/containers/{foreign.Id}");
        await Expect(visit.Page.GetByText("removed", new() { Exact = true })).ToBeVisibleAsync();
        visit.HasNoComplaints("403", "404");
        await fixture.Daemon.Client.Remove(foreign.Id);
    }

    [Fact]
    public async Task It_says_that_the_daemon_is_gone_and_goes_on_with_an_agents_own_token_when_it_is_back()
    {
        await using DashboardDaemon daemon = await DashboardDaemon.StartAsync();
        string token = (await daemon.CallAsync("createAgent", """{"name":"helper"}""")).GetProperty("token").GetString()!;
        Metadata asAgent = new() { { "authorization", $"Bearer {token}" } };
        CreateContainerRequest request = new() { AutoStart = true, Spec = new ContainerSpec { Name = "stays", Command = { "sh", "-c", "trap 'echo more' USR1; echo first; while :; do sleep 1 & wait; done" } } };
        Container container = (await daemon.Client.CreateContainerAsync(request, asAgent, cancellationToken: Cancellation)).Container;
        await using Visit visit = await Visit.BeginAsync(fixture);
        await visit.Page.GotoAsync(daemon.Url);
        await visit.Page.GetByLabel("Token").FillAsync(token);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.OpenAsync("stays", "Logs");
        ILocator log = visit.Page.GetByRole(AriaRole.Log);
        await Expect(log).ToContainTextAsync("first");
        await daemon.Process.KillAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("quiltd does not answer");
        await daemon.RunAgainAsync();
        await Expect(visit.Page.Locator("#connection")).ToBeEmptyAsync();
        await daemon.Client.KillContainerAsync(new KillContainerRequest { Container = container.Id, Signal = "USR1" }, cancellationToken: Cancellation);
        await Expect(log).ToContainTextAsync("more");
        await Expect(log.GetByText("first")).ToHaveCountAsync(1);
        visit.HasNoComplaints("Failed to load resource: net::ERR_"); // which of them, the moment decides
    }

    [Fact]
    public async Task Opened_by_a_link_it_asks_for_another_when_the_daemon_is_another()
    {
        await using DashboardDaemon daemon = await DashboardDaemon.StartAsync();
        await using Visit visit = await Visit.BeginAsync(fixture);
        await visit.Page.GotoAsync(await daemon.LinkAsync());
        await visit.SeesAsync("Containers");
        await daemon.Process.KillAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("quiltd does not answer");
        await daemon.RunAgainAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("quilt dashboard");
        visit.HasNoComplaints("Failed to load resource: net::ERR_", "401");
    }
}
