using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class BadInputTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    /// <summary>What is wrong, the code and the field that the error has to have.</summary>
    public static TheoryData<string, string, string> BadSpecs => new()
    {
        { "image: no-such-image", "not_found", "image" },
        { "image: Bad Image", "invalid_argument", "image" },
        { "name: ../escape", "invalid_argument", "name" },
        { "name: a b", "invalid_argument", "name" },
        { "command: no-such-command", "command_not_found", "command" },
        { "command: /etc/passwd", "command_not_executable", "command" },
        { "working_dir: relative", "invalid_argument", "workingDir" },
        { "user: nobody-knows", "invalid_argument", "user" },
        { "user: 70000", "invalid_argument", "user" },
        { "hostname: -bad-", "invalid_argument", "hostname" },
        { "strategy: forever", "invalid_argument", "strategy" },
        { "ttl: 0", "invalid_argument", "ttl" },
        { "memory: 1048576", "invalid_argument", "memory" },
        { "cpus: 100000", "invalid_argument", "cpus" },
        { "cpus: NaN", "invalid_argument", "cpus" },
        { "cpus: -Infinity", "invalid_argument", "cpus" },
        { "pids: -5", "invalid_argument", "pids" },
        { "pids: 4194305", "invalid_argument", "pids" },
        { "files: 9223372036854775807", "invalid_argument", "ulimits" },
        { "ulimit: nonsense", "invalid_argument", "ulimits" },
        { "cap_add: FLY", "invalid_argument", "capabilities.add" },
        { "stop_signal: SIGNOTHING", "invalid_argument", "stopSignal" },
        { "tmpfs: ../x", "invalid_argument", "mounts.path" },
        { "env: A=B", "invalid_argument", "env" },
    };

    [Theory]
    [MemberData(nameof(BadSpecs))]
    public async Task A_container_that_cannot_be_is_refused_with_code_and_field_and_leaves_no_trace(string wrong, string code, string field)
    {
        string[] parts = wrong.Split(": ", 2);
        ContainerSpec spec = new() { Name = $"bad-{Guid.NewGuid():N}" };
        Apply(spec, parts[0], parts[1]);
        ErrorDetail error = await Fails(() => _client.Run(spec));
        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.DoesNotContain("at Quilt.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain((await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers, c => c.Name == spec.Name);

        // The name is free, and what was taken for it is given back.
        if (parts[0] != "name")
        {
            Container after = await _client.Create(new ContainerSpec { Name = spec.Name });
            await _client.Remove(after.Id);
        }
    }

    private static void Apply(ContainerSpec spec, string what, string value)
    {
        switch (what)
        {
            case "image": spec.Image = value; break;
            case "name": spec.Name = value; break;
            case "command": spec.Command.Add(value); break;
            case "working_dir": spec.WorkingDir = value; break;
            case "user": spec.User = value; break;
            case "hostname": spec.Hostname = value; break;
            case "strategy": spec.Strategy = value; break;
            case "ttl": spec.Ttl = new Duration(); break;
            case "memory": spec.Resources = new Resources { MemoryBytes = long.Parse(value) }; break;
            case "cpus": spec.Resources = new Resources { Cpus = double.Parse(value) }; break;
            case "pids": spec.Resources = new Resources { Pids = long.Parse(value) }; break;
            case "ulimit": spec.Ulimits.Add(new Ulimit { Name = value, Soft = 1, Hard = 1 }); break;
            case "files": spec.Ulimits.Add(new Ulimit { Name = "nofile", Soft = 1, Hard = ulong.Parse(value) }); break;
            case "cap_add": spec.CapAdd.Add(value); break;
            case "stop_signal": spec.StopSignal = value; break;
            case "tmpfs": spec.Tmpfs.Add(new Tmpfs { Path = "/" + value }); break;
            case "env": spec.Env.Add(value, "x"); break;
            default: throw new ArgumentException(what);
        }
    }

    [Fact]
    public async Task What_a_state_does_not_allow_is_refused_and_changes_nothing()
    {
        Container created = await _client.Create(new ContainerSpec { Name = "state-test" });
        Assert.Equal(("already_exists", "name"), Both(await Fails(() => _client.Create(new ContainerSpec { Name = "state-test" }))));
        Assert.Equal("failed_precondition", (await Fails(() => _client.Exec(created.Id, "true"))).Code);
        Assert.Equal("failed_precondition", (await Fails(async () => await _client.KillContainerAsync(new KillContainerRequest { Container = created.Id }, cancellationToken: Cancellation))).Code);
        await _client.Start(created.Id);
        Assert.Equal("failed_precondition", (await Fails(() => _client.Start(created.Id))).Code);
        Assert.Equal("failed_precondition", (await Fails(() => _client.Remove(created.Id, force: false))).Code);
        Assert.Equal(("invalid_argument", "signal"), Both(await Fails(async () => await _client.KillContainerAsync(new KillContainerRequest { Container = created.Id, Signal = "SIGNONE" }, cancellationToken: Cancellation))));
        Assert.Equal(ContainerState.Running, (await _client.Get(created.Id)).State);
        await _client.Remove(created.Id);
    }

    [Fact]
    public async Task Other_calls_name_what_is_wrong_with_them_too()
    {
        Container container = await _client.Run();
        string id = container.Id;
        Assert.Equal(("not_found", "container"), Both(await Fails(() => _client.Get("nobody"))));
        Assert.Equal(("not_found", "container"), Both(await Fails(() => _client.Get("../../etc"))));
        Assert.Equal(("invalid_argument", "command"), Both(await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = id }, cancellationToken: Cancellation))));
        Assert.Equal(("invalid_argument", "workingDir"), Both(await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = id, Command = { "true" }, WorkingDir = "x" }, cancellationToken: Cancellation))));
        Assert.Equal(("invalid_argument", "outputLimit"), Both(await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = id, Command = { "true" }, OutputLimitBytes = (1 << 20) + 1 }, cancellationToken: Cancellation))));
        Assert.Equal(("invalid_argument", "tail"), Both(await Fails(() => _client.Logs(id, r => r.Tail = -1))));
        Assert.Equal(("invalid_argument", "tail"), Both(await Fails(() => _client.Logs(id, r => r.Tail = 100_001))));
        Assert.Equal(("invalid_argument", "stream"), Both(await Fails(() => _client.Logs(id, r => r.Stream = "both"))));
        Assert.Equal(("invalid_argument", "pattern"), Both(await Fails(() => _client.Logs(id, r => r.Pattern = "("))));
        Assert.Equal(("invalid_argument", "cursor"), Both(await Fails(() => _client.Logs(id, r => r.Cursor = "x"))));
        Assert.Equal(("invalid_argument", "limit"), Both(await Fails(async () => await _client.ListContainersAsync(new ListContainersRequest { Limit = -1 }, cancellationToken: Cancellation))));
        Assert.Equal(("invalid_argument", "until"), Both(await Fails(async () => await _client.WaitContainerAsync(new WaitContainerRequest { Container = id, Until = "rich" }, cancellationToken: Cancellation))));
        Assert.Equal("deadline_exceeded", (await Fails(async () => await _client.WaitContainerAsync(new WaitContainerRequest { Container = id, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(10)) }, cancellationToken: Cancellation))).Code);
        Assert.Equal(("invalid_argument", "types"), Both(await Fails(async () => await _client.GetEvents(new GetEventsRequest { Types_ = { "container.married" } }, cancellationToken: Cancellation).ResponseStream.MoveNext(Cancellation))));
        Assert.Equal(("invalid_argument", "interval"), Both(await Fails(async () => await _client.GetStats(new GetStatsRequest { Interval = new Duration() }, cancellationToken: Cancellation).ResponseStream.MoveNext(Cancellation))));
        Assert.Equal(("invalid_argument", "interval"), Both(await Fails(async () => await _client.GetStats(new GetStatsRequest { Interval = new Duration { Nanos = -1, Seconds = 1 } }, cancellationToken: Cancellation).ResponseStream.MoveNext(Cancellation))));
        Assert.Equal(("invalid_argument", "since"), Both(await Fails(() => _client.Logs(id, r => r.Since = new Timestamp { Nanos = -1 }))));
        Assert.Equal(("invalid_argument", "until"), Both(await Fails(async () => await _client.GetEvents(new GetEventsRequest { Until = new Timestamp { Nanos = -1 } }, cancellationToken: Cancellation).ResponseStream.MoveNext(Cancellation))));
        Assert.Equal(("invalid_argument", "volumes"), Both(await Fails(async () => await _client.RemoveContainerAsync(new RemoveContainerRequest { Container = id, Force = true, Volumes = false }, cancellationToken: Cancellation))));
        Assert.Equal(id, (await _client.RemoveContainerAsync(new RemoveContainerRequest { Container = id, Force = true, Volumes = true }, cancellationToken: Cancellation)).Id);
    }

    /// <summary>Of 49 days and more.</summary>
    [Fact]
    public async Task What_may_take_longer_than_a_timer_holds_is_done_all_the_same()
    {
        Duration years = Duration.FromTimeSpan(DurationText.Longest);
        Container container = await _client.Run();
        Assert.Equal(ContainerState.Running, (await _client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "running", Timeout = years }, cancellationToken: Cancellation)).Container.State);
        Assert.Equal(0, (await _client.ExecAsync(new ExecRequest { Container = container.Id, Command = { "true" }, Timeout = years }, cancellationToken: Cancellation)).Result.ExitCode);
        using AsyncServerStreamingCall<GetStatsResponse> usage = _client.GetStats(new GetStatsRequest { Interval = years }, cancellationToken: Cancellation);
        Assert.True(await usage.ResponseStream.MoveNext(Cancellation));
        using AsyncServerStreamingCall<CallToolEvent> events = _client.CallTool(new CallToolRequest { Name = "getEvents", Arguments = """{"wait":"1000d"}""", Timeout = years }, cancellationToken: Cancellation);
        Assert.True(await events.ResponseStream.MoveNext(Cancellation));
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = years, Signal = "KILL" }, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Exited, stopped.Container.State);
        await _client.Remove(container.Id);
        Container lasting = await _client.Create(new ContainerSpec { Ttl = years, StopTimeout = years });
        Assert.NotNull(lasting.ExpiresAt);
        await _client.Remove(lasting.Id);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_or_late_leaves_nothing_half_made()
    {
        for (int i = 0; i < 20; i++)
        {
            string name = $"late-{i}";
            try
            {
                await _client.CreateContainerAsync(new CreateContainerRequest { Spec = new ContainerSpec { Name = name }, AutoStart = true }, deadline: DateTime.UtcNow.AddMilliseconds(i), cancellationToken: Cancellation);
                await _client.Remove(name);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Cancelled)
            {
                // The server may still be at it: it ends it as a whole, one way or the other.
                await Eventually(async () => (await _client.ListContainersAsync(new ListContainersRequest { All = true, Name = name }, cancellationToken: Cancellation)).Containers.All(c => c.State is ContainerState.Running or ContainerState.Created));
                foreach (Container made in (await _client.ListContainersAsync(new ListContainersRequest { All = true, Name = name }, cancellationToken: Cancellation)).Containers.Where(c => c.Name == name))
                {
                    await _client.Remove(made.Id);
                }
            }
        }
    }

    private static (string Code, string Field) Both(ErrorDetail error) => (error.Code, error.Field);

    [Fact]
    public async Task A_dashboard_that_is_not_served_cannot_be_opened()
    {
        ErrorDetail error = await Fails(async () => await _client.OpenDashboardAsync(new OpenDashboardRequest(), cancellationToken: Cancellation));
        Assert.Equal("failed_precondition", error.Code);
        Assert.Contains("--dashboard", error.Remedy, StringComparison.Ordinal);
    }
}
