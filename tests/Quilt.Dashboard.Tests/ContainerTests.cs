using Microsoft.Playwright;
using Quilt.Api.V1;
using static Microsoft.Playwright.Assertions;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>The list, and one container: what it is, its log, a terminal in it, and what can be done to it.</summary>
public sealed class ContainerTests(DashboardFixture fixture) : IAsyncLifetime
{
    private readonly string _name = $"c-{Guid.NewGuid():N}"[..14];
    private Container _container = null!;

    private QuiltService.QuiltServiceClient Client => fixture.Daemon.Client;

    public async ValueTask InitializeAsync() =>
        _container = await Client.Run(new ContainerSpec { Name = _name, Command = { "sh", "-c", "echo ready; trap 'echo poked' USR1; while :; do sleep 1 & wait; done" }, Labels = { ["tier"] = "front" } });

    public async ValueTask DisposeAsync()
    {
        if ((await Client.ListContainersAsync(new ListContainersRequest { All = true })).Containers.Any(c => c.Id == _container.Id))
        {
            await Client.Remove(_container.Id);
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_list_is_live()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        ILocator row = visit.Row(_name);
        await Expect(row).ToContainTextAsync("running");
        await Expect(row).ToContainTextAsync("tier=front");
        await Expect(row.Locator("td").Nth(2)).ToContainTextAsync("%");
        await Expect(row.Locator("td").Nth(3)).ToContainTextAsync("iB");
        Container late = await Client.Create(new ContainerSpec { Name = $"{_name}-late" });
        await Expect(visit.Row(late.Name)).ToContainTextAsync("created");
        await visit.Page.GetByLabel("Find containers").FillAsync(late.Name);
        await Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Client.Remove(late.Id);
        await Expect(visit.Row(late.Name)).ToHaveCountAsync(0);
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task Who_has_the_keyboard_keeps_it_when_others_come_and_go_around()
    {
        Container before = await Client.Create(new ContainerSpec { Name = $"{_name}-before" });
        Container chosen = await Client.Create(new ContainerSpec { Name = $"{_name}-chosen" });
        Container after = await Client.Create(new ContainerSpec { Name = $"{_name}-after" });
        await using Visit visit = await Visit.EnterAsync(fixture);
        ILocator link = visit.Row(chosen.Name).GetByRole(AriaRole.Link);
        await link.FocusAsync();
        await Client.Remove(before.Id);
        await Client.Remove(after.Id);
        await Expect(visit.Row(before.Name)).ToHaveCountAsync(0);
        await Expect(visit.Row(after.Name)).ToHaveCountAsync(0);
        await Expect(link).ToBeFocusedAsync();
        Container late = await Client.Create(new ContainerSpec { Name = $"{_name}-late" });
        await Expect(visit.Row(late.Name)).ToBeVisibleAsync();
        await Expect(link).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync($"{chosen.Name} created");
        await Client.Remove(chosen.Id);
        await Client.Remove(late.Id);
        visit.HasNoComplaints("404");
    }

    [Fact]
    public async Task A_long_list_is_shown_a_part_at_a_time()
    {
        const int page = 200, more = 11;

        // One of its own: of the others' audit so many calls would be the most.
        await using DashboardDaemon daemon = await DashboardDaemon.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, page + more).Select(i => daemon.Client.Create(new ContainerSpec { Name = $"many-{i}" })));
        await using Visit visit = await Visit.BeginAsync(fixture);
        await visit.Page.GotoAsync(await daemon.LinkAsync());
        ILocator rows = visit.Page.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(page);
        await Expect(visit.Page.GetByText($"{page} of {page + more} are shown")).ToBeVisibleAsync();
        ILocator button = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Show more" });
        await button.ClickAsync();
        await Expect(rows).ToHaveCountAsync(page + more);
        await Expect(button).ToBeHiddenAsync();
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task One_is_shown_with_all_that_it_is_and_uses()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.OpenAsync(_name);
        await Expect(visit.Page.Locator("dl")).ToContainTextAsync(_container.Id);
        await Expect(visit.Page.Locator("dl")).ToContainTextAsync("tier=front");
        await Expect(visit.Page.Locator(".tile")).ToHaveCountAsync(4);
        await Expect(visit.Page.GetByText("container.started")).ToBeVisibleAsync();
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task Its_log_grows_as_it_is_written_and_can_be_searched()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.OpenAsync(_name, "Logs");
        ILocator log = visit.Page.GetByRole(AriaRole.Log);
        await Expect(log).ToContainTextAsync("ready");
        await Client.KillContainerAsync(new KillContainerRequest { Container = _container.Id, Signal = "USR1" }, cancellationToken: Cancellation);
        await Expect(log).ToContainTextAsync("poked");
        await visit.Page.GetByLabel("Lines with").FillAsync("POKED");
        await Expect(log.GetByText("ready")).ToBeHiddenAsync();
        await Expect(log.GetByText("poked")).ToBeVisibleAsync();
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task A_terminal_takes_what_is_typed_and_knows_its_size()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        ILocator screen = await visit.OpenTerminalAsync(_name);
        await visit.Page.Keyboard.TypeAsync("echo $((6*7)) answers; tty; stty size\n");
        await Expect(screen).ToContainTextAsync("42 answers");
        await Expect(screen).ToContainTextAsync("/dev/pts/");
        await Expect(screen).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"\d{2} \d{2,3}"));

        // In colour, which is a style sheet that the page's policy has to take.
        await visit.Page.Keyboard.TypeAsync("printf '\\033[31mred\\033[0m\\n'\n");
        ILocator red = screen.Locator(".xterm-fg-1").GetByText("red", new() { Exact = true });
        await Expect(red).Not.ToHaveCSSAsync("color", "rgb(255, 255, 255)");
        await visit.Page.Keyboard.TypeAsync("exit 7\n");
        await Expect(visit.Page.GetByText("ended with 7")).ToBeVisibleAsync();

        // What is typed after it goes nowhere, and the next is a new one.
        await visit.Page.Keyboard.TypeAsync("echo late\n");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
        await Expect(visit.Page.Locator("form [role=status]")).ToHaveTextAsync("running");
        await visit.Page.Keyboard.TypeAsync("echo $((7*8)) again\n");
        await Expect(screen).ToContainTextAsync("56 again");
        await Expect(screen).Not.ToContainTextAsync("late");
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_told_in_the_terminal()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.OpenAsync(_name, "Terminal");
        await visit.Page.GetByLabel("Command").FillAsync("no-such-command");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no-such-command");
        visit.HasNoComplaints();
    }

    [Fact]
    public async Task A_command_is_quoted_as_in_a_shell()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.OpenAsync(_name, "Terminal");
        await RunAsync("sh -c 'printf \"<%s>\" \"$@\"' name 'one  word' \"it's \\\"two\\\"\" th\\ ree '' a\"b\"c $HOME");
        await Expect(visit.Page.GetByText("ended with 0")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".xterm-rows")).ToContainTextAsync("<one\u00a0\u00a0word><it's\u00a0\"two\"><th\u00a0ree><><abc><$HOME>");
        await RunAsync("sh -c 'echo");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("a quote is not closed");
        await Expect(visit.Page.Locator("form [role=status]")).ToBeEmptyAsync();
        visit.HasNoComplaints();

        async Task RunAsync(string command)
        {
            await visit.Page.GetByLabel("Command").FillAsync(command);
            await visit.Page.Keyboard.PressAsync("Enter");
        }
    }

    [Fact]
    public async Task It_is_paused_stopped_started_and_removed_once_that_is_confirmed()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await visit.OpenAsync(_name);
        ILocator heading = visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First;
        await Press("Pause");
        await Expect(heading).ToContainTextAsync("paused");
        await Expect(Button("Start")).ToBeDisabledAsync();
        await Press("Go on");
        await Expect(heading).ToContainTextAsync("running");

        await Press("Kill");
        await Confirm("Leave it");
        Assert.Equal(ContainerState.Running, (await Client.Get(_container.Id)).State);
        await Press("Kill");
        await Confirm("Kill");
        await Expect(heading).ToContainTextAsync("exited");
        Assert.Equal(137, (await Client.Get(_container.Id)).ExitCode);
        await Press("Start");
        await Expect(heading).ToContainTextAsync("running");

        await Press("Remove");
        await Confirm("Remove");
        await Expect(heading).ToContainTextAsync("removed");
        await Expect(Button("Remove")).ToBeDisabledAsync();
        Assert.DoesNotContain((await Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers, c => c.Id == _container.Id);
        visit.HasNoComplaints("404");

        ILocator Button(string name) => visit.Page.GetByRole(AriaRole.Group, new() { Name = "Actions" }).GetByRole(AriaRole.Button, new() { Name = name });
        Task Press(string name) => Button(name).ClickAsync();
        Task Confirm(string answer) => visit.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = answer, Exact = true }).ClickAsync();
    }

    [Fact]
    public async Task All_of_it_can_be_reached_by_the_keyboard()
    {
        await using Visit visit = await Visit.EnterAsync(fixture);
        await Expect(visit.Row(_name)).ToBeVisibleAsync();
        await Tab(async () => await Focused() == _name);
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Tab, new() { Name = "Overview" })).ToBeVisibleAsync();
        await Tab(async () => await Focused() == "Overview");
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("ready");
        visit.HasNoComplaints();

        Task<string> Focused() => visit.Page.EvaluateAsync<string>("document.activeElement.textContent");
        async Task Tab(Func<Task<bool>> there)
        {
            for (int i = 0; !await there(); i++)
            {
                Assert.True(i < 60, "the keyboard does not get there");
                await visit.Page.Keyboard.PressAsync("Tab");
            }
        }
    }
}
