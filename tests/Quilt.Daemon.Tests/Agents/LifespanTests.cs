using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Sessions and tasks: what ends with them is what was declared, in its order, once, whatever happens to the daemon.</summary>
public sealed class LifespanTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task The_end_of_a_session_takes_what_was_declared_in_the_declared_order()
    {
        string session = (await _client.Tool("beginSession", new { name = "ordered" })).GetProperty("session").Id();
        string task = (await _client.Tool("beginTask", new { name = "within", session })).GetProperty("task").Id();
        string last = (await Create("session", stopOrder: 9)).Id, first = (await Create("session", stopOrder: -5)).Id, tasks = (await Create("task", task, stopOrder: 3)).Id;
        string service = (await Create("service")).Id, ephemeral = (await Create("ephemeral", stopOrder: 1)).Id;
        Container other = await _client.Run();

        JsonElement ended = await _client.Tool("endSession", null, session: session);
        Assert.Equal([first, ephemeral, tasks, last], ended.GetProperty("report").GetProperty("containers").EnumerateArray().Select(c => c.Id()));
        Assert.All(ended.GetProperty("report").GetProperty("containers").EnumerateArray(), c => Assert.Equal(("removed", false), (c.Text("outcome"), c.GetProperty("forced").GetBoolean())));
        Assert.Equal(ContainerState.Running, (await _client.Get(service)).State);
        Assert.Equal(ContainerState.Running, (await _client.Get(other.Id)).State);

        // Asked again, it is told again; nothing new begins in it.
        Assert.Equal(ended.GetProperty("report").GetRawText(), (await _client.Tool("endSession", new { session })).GetProperty("report").GetRawText());
        Assert.Equal("failed_precondition", (await _client.ToolRefused("createContainer", null, session: session)).Code);
        Assert.Equal("failed_precondition", (await _client.ToolRefused("createContainer", new { strategy = "task", taskId = task })).Code);
        await _client.Remove(service);
        await _client.Remove(other.Id);

        async Task<(string Id, int _)> Create(string strategy, string? taskId = null, int stopOrder = 0) =>
            ((await _client.Tool("createContainer", new { strategy, taskId, stopOrder, autoStart = true }, session: session)).Id(), 0);
    }

    [Fact]
    public async Task A_task_ends_with_its_time_and_a_session_when_nothing_is_called_in_it()
    {
        string task = (await _client.Tool("beginTask", new { name = "brief", ttl = "300ms" })).GetProperty("task").Id();
        string tasks = (await _client.Tool("createContainer", new { strategy = "task", taskId = task, autoStart = true })).Id();
        string session = (await _client.Tool("beginSession", new { idleTimeout = "400ms" })).GetProperty("session").Id();
        string sessions = (await _client.Tool("createContainer", new { autoStart = true }, session: session)).Id();
        await Gone(tasks);
        await Gone(sessions);
        Assert.DoesNotContain((await _client.Tool("listTasks")).GetProperty("tasks").EnumerateArray(), t => t.Id() == task);
    }

    [Fact]
    public async Task A_session_is_not_idle_while_a_call_in_it_is_under_way()
    {
        Container container = await _client.Run();
        string session = (await _client.Tool("beginSession", new { idleTimeout = "2s" })).GetProperty("session").Id();
        DateTimeOffset first = (await EndsAt())!.Value;
        Task<JsonElement> call = _client.Tool("execInContainer", new { container = container.Id, command = new[] { "sh", "-c", "until [ -e /end ]; do sleep 0.02; done" } }, session: session);
        await Eventually(async () => await EndsAt() is not { } until || until >= first + TimeSpan.FromSeconds(2)); // from a moment on at which it would have ended
        Assert.NotNull(await EndsAt());
        Assert.False(call.IsCompleted);
        await _client.Exec(container.Id, "touch /end");
        await call;
        await Eventually(async () => await EndsAt() is null); // nothing is called in it any more
        await _client.Remove(container.Id);

        async Task<DateTimeOffset?> EndsAt() =>
            (await _client.Tool("listSessions")).GetProperty("sessions").EnumerateArray().Where(s => s.Id() == session && s.Text("state") == "active").Select(s => (DateTimeOffset?)s.GetProperty("endsAt").GetDateTimeOffset()).SingleOrDefault();
    }

    [Fact]
    public async Task How_many_are_open_and_how_many_of_the_past_are_known_is_bounded_for_each_agent()
    {
        const int mostOpen = 1000, endedKept = 200;
        string token = await _client.Agent(), other = await _client.Agent();
        string others = await Begin(other);
        await _client.Tool("endTask", new { task = others }, other);
        string first = await Begin(token);
        await _client.Tool("endTask", new { task = first }, token);
        await Task.WhenAll(Enumerable.Range(0, mostOpen).Select(_ => Begin(token)));
        ErrorDetail refused = await _client.ToolRefused("beginTask", new { name = "late" }, token);
        Assert.Equal("resource_exhausted", refused.Code);
        Assert.Contains("endTask", refused.Remedy, StringComparison.Ordinal);
        Assert.Equal("resource_exhausted", (await _client.ToolRefused("beginSession", null, token)).Code);
        await Begin(other);

        Assert.Equal("ended", (await _client.Tool("endTask", new { task = first }, token)).GetProperty("task").Text("state"));
        foreach (JsonElement open in (await _client.Tool("listTasks", null, token)).GetProperty("tasks").EnumerateArray().Take(endedKept))
        {
            await _client.Tool("endTask", new { task = open.Id() }, token);
        }

        Assert.Equal("not_found", (await _client.ToolRefused("endTask", new { task = first }, token)).Code);
        Assert.Equal("ended", (await _client.Tool("endTask", new { task = others }, other)).GetProperty("task").Text("state"));

        async Task<string> Begin(string by) => (await _client.Tool("beginTask", new { name = $"t{Guid.NewGuid():N}"[..20] }, by)).GetProperty("task").Id();
    }

    [Fact]
    public async Task A_container_of_two_tasks_lives_until_the_last_has_ended()
    {
        string one = (await _client.Tool("beginTask", new { name = "one" })).GetProperty("task").Id(), two = (await _client.Tool("beginTask", new { name = "two" })).GetProperty("task").Id();
        string id = (await _client.Tool("createContainer", new { strategy = "task", taskId = one, autoStart = true })).Id();
        await _client.Tool("shareContainer", new { container = id, task = two });
        Assert.Equal("kept", (await _client.Tool("endTask", new { task = one })).GetProperty("report").GetProperty("containers")[0].Text("outcome"));
        Assert.Equal(ContainerState.Running, (await _client.Get(id)).State);
        Assert.Equal("removed", (await _client.Tool("endTask", new { task = two })).GetProperty("report").GetProperty("containers")[0].Text("outcome"));
    }

    [Fact]
    public async Task A_container_of_two_tasks_that_end_together_goes_with_them()
    {
        for (int round = 0; round < 20; round++)
        {
            string one = await Begin($"one-{round}"), two = await Begin($"two-{round}");
            string id = (await _client.Tool("createContainer", new { strategy = "task", taskId = one })).Id();
            await _client.Tool("shareContainer", new { container = id, task = two });
            await Task.WhenAll(new[] { one, two }.Select(task => _client.Tool("endTask", new { task })));
            Assert.Equal("not_found", (await _client.ToolRefused("getContainerStatus", new { container = id })).Code);
        }

        async Task<string> Begin(string name) => (await _client.Tool("beginTask", new { name })).GetProperty("task").Id();
    }

    [Fact]
    public async Task A_name_is_of_the_callers_own_session_or_task_before_those_of_agents_below()
    {
        string parent = await _client.Agent(), child = await _client.Agent(by: parent);
        string theirSession = await Begin("Session", child), theirTask = await Begin("Task", child);
        Assert.Equal(theirSession, await SessionOfCall());
        string session = await Begin("Session", parent), task = await Begin("Task", parent);
        Assert.Equal(session, await SessionOfCall());
        for (int time = 0; time < 2; time++)
        {
            // Asked again, it is its own still, though that has ended.
            Assert.Equal(task, (await _client.Tool("endTask", new { task = "same" }, parent)).GetProperty("task").Id());
            Assert.Equal(session, (await _client.Tool("endSession", new { session = "same" }, parent)).GetProperty("session").Id());
        }

        Assert.Equal(theirTask, (await _client.Tool("endTask", new { task = "same" }, child)).GetProperty("task").Id());
        Assert.Equal(theirSession, (await _client.Tool("endSession", new { session = "same" }, child)).GetProperty("session").Id());

        async Task<string> SessionOfCall() => (await _client.Tool("beginTask", new { name = "within" }, parent, session: "same")).GetProperty("task").Text("session");

        async Task<string> Begin(string what, string token) => (await _client.Tool($"begin{what}", new { name = "same" }, token)).GetProperty(what.ToLowerInvariant()).Id();
    }

    [Fact]
    public async Task An_adopted_container_lives_as_long_as_what_adopted_it()
    {
        string session = (await _client.Tool("beginSession")).GetProperty("session").Id();
        string id = (await _client.Tool("createContainer", new { autoStart = true }, session: session)).Id();
        await _client.Tool("adoptContainer", new { container = id, strategy = "service" });
        await _client.Tool("endSession", new { session });
        Assert.Equal(ContainerState.Running, (await _client.Get(id)).State);

        // From an agent below: into the limits of whoever takes it over, and not while it runs.
        string parent = await _client.Agent("""{"limits":{"containers":5}}"""), child = await _client.Agent(by: parent);
        string theirs = (await _client.Tool("createContainer", new { name = "x", autoStart = true }, child)).Id();
        Assert.Equal("failed_precondition", (await _client.ToolRefused("adoptContainer", new { container = theirs }, parent)).Code);
        await _client.Tool("stopContainer", new { container = theirs, timeout = 0 }, parent);
        await _client.Tool("adoptContainer", new { container = theirs }, parent);
        Assert.Equal("not_found", (await _client.ToolRefused("getContainerStatus", new { container = "x" }, child)).Code);
        Assert.Equal("running", (await _client.Tool("startContainer", new { container = "x" }, parent)).Text("state"));
        await _client.Tool("removeContainer", new { container = theirs, force = true }, parent);
        await _client.Remove(id);
    }

    [Fact]
    public async Task A_ttl_that_was_extended_counts_from_then()
    {
        string id = (await _client.Tool("createContainer", new { ttl = "5s", autoStart = true })).Id();
        DateTimeOffset until = (await _client.Tool("extendContainer", new { container = id, ttl = "6s" })).GetProperty("expiresAt").GetDateTimeOffset();
        await Gone(id);
        Assert.True(DateTimeOffset.UtcNow >= until, "it went before its time");
    }

    [Fact]
    public async Task Killed_at_any_moment_of_a_sessions_end_the_next_daemon_completes_it_once()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        for (int round = 0; round < 6; round++)
        {
            string session = (await daemon.Client.Tool("beginSession")).GetProperty("session").Id();
            string task = (await daemon.Client.Tool("beginTask", new { name = $"t{round}", session })).GetProperty("task").Id();
            List<string> going = [];
            for (int i = 0; i < 4; i++)
            {
                // It takes its time to end, so that the daemon dies in the middle.
                string[] command = ["sh", "-c", "trap 'sleep 0.05; exit 7' TERM; while :; do sleep 0.01; done"];
                going.Add((await daemon.Client.Tool("createContainer", new { command, strategy = i % 2 == 0 ? "session" : "task", taskId = i % 2 == 0 ? null : task, stopOrder = i, autoStart = true }, session: session)).Id());
            }

            string service = (await daemon.Client.Tool("createContainer", new { strategy = "service", autoStart = true }, session: session)).Id();
            Task<JsonElement> ending = daemon.Client.Tool("endSession", new { session });
            int fell = round * 2;
            await Deadline.Until(() => ending.IsCompleted || Events(daemon).Count(e => e.Type is "session.ending" or "task.ending" or "container.exited" or "container.removed" && (e.Container.Length == 0 || going.Contains(e.Container))) > fell);
            await daemon.KillAsync();
            await ending.ContinueWith(_ => { }, TaskScheduler.Default);
            await daemon.RunAsync();
            JsonElement ended = await daemon.Client.Tool("endSession", new { session });
            Assert.Equal("ended", ended.GetProperty("session").Text("state"));
            ListContainersResponse left = await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation);
            Assert.Equal([service], left.Containers.Select(c => c.Id));
            await daemon.Client.Remove(service);
            Assert.Single(Events(daemon), e => e.Type == "session.ended" && e.Attributes["session"] == session);
            Assert.Single(Events(daemon), e => e.Type == "task.ended" && e.Attributes["task"] == task);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_happens_no_container_outlives_what_it_was_declared_for_nor_dies_before(int seed)
    {
        Random random = new(seed);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        QuiltService.QuiltServiceClient client = daemon.Client;
        Dictionary<string, HashSet<string>> alive = []; // a container, and what it lives as long as: the first of all that ends, or for tasks the last
        HashSet<string> sessions = [], tasks = [];
        Dictionary<string, string> sessionOf = [];
        for (int step = 0; step < 40; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    sessions.Add((await client.Tool("beginSession")).GetProperty("session").Id());
                    break;
                case 1:
                    string? within = Any(sessions);
                    string task = (await client.Tool("beginTask", new { name = $"t{step}", session = within })).GetProperty("task").Id();
                    tasks.Add(task);
                    sessionOf[task] = within ?? "";
                    break;
                case 2 or 3 when Any(sessions) is { } session:
                    alive[(await client.Tool("createContainer", new { autoStart = random.Next(2) == 0, stopTimeout = 0 }, session: session)).Id()] = [session];
                    break;
                case 4 or 5 when Any(tasks) is { } taskId:
                    alive[(await client.Tool("createContainer", new { strategy = "task", taskId, autoStart = random.Next(2) == 0, stopTimeout = 0 })).Id()] = [taskId];
                    break;
                case 6:
                    alive[(await client.Tool("createContainer", new { strategy = "service" })).Id()] = ["forever"];
                    break;
                case 7 when Any(sessions) is { } session:
                    await client.Tool("endSession", new { session });
                    sessions.Remove(session);
                    HashSet<string> gone = [session, .. tasks.Where(t => sessionOf[t] == session)];
                    tasks.ExceptWith(gone);
                    End(gone);
                    break;
                case 8 when Any(tasks) is { } done:
                    await client.Tool("endTask", new { task = done });
                    tasks.Remove(done);
                    End([done]);
                    break;
                case 9 when alive.Count > 0:
                    string container = Any([.. alive.Keys])!;
                    if (Any(tasks) is { } also && alive[container].Any(tasks.Contains))
                    {
                        await client.Tool("shareContainer", new { container, task = also });
                        alive[container].Add(also);
                    }

                    break;
            }

            if (random.Next(6) == 0)
            {
                await daemon.KillAsync();
                await daemon.RunAsync();
                client = daemon.Client;
            }

            ListContainersResponse there = await client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation);
            Assert.Equal(alive.Keys.Order(), there.Containers.Select(c => c.Id).Order());
        }

        string? Any(HashSet<string> of) => of.Count == 0 ? null : of.ElementAt(random.Next(of.Count));

        void End(HashSet<string> ended)
        {
            foreach ((string id, HashSet<string> lives) in alive.ToArray())
            {
                lives.ExceptWith(ended);
                if (lives.Count == 0)
                {
                    alive.Remove(id);
                }
            }
        }
    }

    [Fact]
    public async Task What_a_daemon_left_half_made_is_told_when_it_is_taken_away()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.KillAsync();
        string stray = Path.Combine(daemon.StateDir, "containers", new string('a', 32));
        Directory.CreateDirectory(stray);
        await daemon.RunAsync();
        Assert.False(Directory.Exists(stray));
        Assert.Contains(Events(daemon), e => e.Type == "orphan.removed" && e.Attributes["container"] == new string('a', 32));
    }

    private static List<Event> Events(DaemonProcess daemon)
    {
        List<Event> events = [];
        using Grpc.Core.AsyncServerStreamingCall<Event> call = daemon.Client.GetEvents(new GetEventsRequest());
        while (call.ResponseStream.MoveNext(CancellationToken.None).GetAwaiter().GetResult())
        {
            events.Add(call.ResponseStream.Current);
        }

        return events;
    }

    private Task Gone(string id) => Eventually(async () =>
        (await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.All(c => c.Id != id));
}
