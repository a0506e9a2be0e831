using System.Net.Http.Headers;
using Microsoft.Playwright;
using Quilt.Api.V1;
using static Microsoft.Playwright.Assertions;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>A page that is open all day is in nobody's way.</summary>
public sealed class WatchingTests(DashboardFixture fixture)
{
    [Fact]
    public async Task Events_in_crowds_make_no_crowd_of_calls()
    {
        await using Visit visit = await Visit.BeginAsync(fixture);
        await visit.Page.AddInitScriptAsync(
            """
            window.listed = [];
            const before = window.fetch;
            window.fetch = (...given) => { if (given[0] === "/v1/tools/listContainers") window.listed.push(performance.now()); return before(...given); };
            """);
        await visit.Page.GotoAsync(await fixture.Daemon.LinkAsync());
        await visit.SeesAsync("Containers");
        string name = $"crowd-{Guid.NewGuid():N}"[..14];
        for (int i = 0; i < 20; i++)
        {
            await fixture.Daemon.Client.Remove((await fixture.Daemon.Client.Create(new ContainerSpec { Name = name })).Id);
        }

        Container last = await fixture.Daemon.Client.Create(new ContainerSpec { Name = name });
        await Expect(visit.Row(name)).ToBeVisibleAsync();
        double[] listed = await visit.Page.EvaluateAsync<double[]>("window.listed");
        Assert.True(listed.Length > 1);
        Assert.All(listed.Zip(listed.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 990, $"lists at {string.Join(", ", listed)}"));
        await fixture.Daemon.Client.Remove(last.Id);
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task The_audit_shows_what_was_done_behind_any_number_of_reads()
    {
        string agent = $"agent-{Guid.NewGuid():N}";
        await fixture.Daemon.CallAsync("createAgent", $$"""{"name":"{{agent}}"}""");
        using HttpClient page = new() { BaseAddress = new Uri(fixture.Daemon.Url) };
        page.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await fixture.Daemon.TokenAsync());
        for (int i = 0; i < 250; i++)
        {
            await DashboardDaemon.CallAsync("listTasks", "{}", page);
        }

        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.GoAsync("Audit");
        await Expect(visit.Row(agent)).ToContainTextAsync("createAgent");
        await Expect(visit.Row("listTasks")).ToHaveCountAsync(0);
        await visit.Page.GetByLabel("What is only looked at").CheckAsync();
        await Expect(visit.Row("listTasks").First).ToContainTextAsync("dashboard");
        visit.HasNoComplaints();
    }
}
