using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Images;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;
using HealthCheck = Quilt.Api.V1.HealthCheck;

namespace Quilt.Daemon.Tests;

/// <summary>Health checks: declared by the image or by the caller, run while the container does, and told.</summary>
public sealed class HealthTests(DaemonFixture fixture)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_container_comes_to_be_unhealthy_and_healthy_as_its_probes_fail_and_succeed()
    {
        Container container = await _client.Run(Probed("test -e /tmp/ok || { echo not yet; exit 3; }", retries: 2));
        JsonElement unhealthy = await NextChange(container);
        Assert.Equal(("unhealthy", "3"), (unhealthy.Text("status"), unhealthy.Text("exitCode")));
        JsonElement health = (await _client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("health");
        Assert.True(health.GetProperty("failingStreak").GetInt32() >= 2);
        JsonElement probe = health.GetProperty("probes").EnumerateArray().Last();
        Assert.Equal((3, "not yet\n"), (probe.GetProperty("exitCode").GetInt32(), probe.Text("output")));

        await _client.Exec(container.Id, "touch /tmp/ok");
        await Eventually(async () => (await _client.Get(container.Id)).Health.Status == "healthy");
        Container now = await _client.Get(container.Id);
        Assert.Equal((0, 0), (now.Health.FailingStreak, now.Health.Probes[^1].ExitCode));
        Assert.True(now.Health.Probes.Count <= 5);
        Container listed = (await _client.ListContainersAsync(new ListContainersRequest { Name = container.Name }, cancellationToken: Cancellation)).Containers.Single();
        Assert.Equal(("healthy", 0), (listed.Health.Status, listed.Health.Probes.Count));
        Assert.Equal("healthy", (await _client.Tool("waitForContainer", new { container = container.Id, until = "healthy", timeout = "10s" })).GetProperty("container").Text("health"));

        await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = new Duration() }, cancellationToken: Cancellation);
        Assert.Null((await _client.Get(container.Id)).Health);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Who_waits_for_health_is_answered_when_it_comes_and_at_once_where_it_cannot_come()
    {
        Container container = await _client.Create(Probed("test -e /tmp/ok", retries: 1000));
        Task<WaitContainerResponse> waiting = Wait(container);
        await _client.Start(container.Id);
        await _client.Exec(container.Id, "touch /tmp/ok");
        Assert.Equal("healthy", (await waiting).Container.Health.Status);
        await _client.Remove(container.Id);

        Container ending = await _client.Run(Probed("false", retries: 1000));
        waiting = Wait(ending);
        await _client.KillContainerAsync(new KillContainerRequest { Container = ending.Id }, cancellationToken: Cancellation);
        ErrorDetail ended = await Fails(() => waiting);
        Assert.Equal("failed_precondition", ended.Code);
        Assert.Contains("exited", ended.Message, StringComparison.Ordinal);
        Assert.Equal("failed_precondition", (await Fails(() => Wait(ending))).Code);
        await _client.Remove(ending.Id);

        Container ill = await _client.Run(Probed("echo out of order; false", retries: 1));
        ErrorDetail unhealthy = await Fails(() => Wait(ill));
        Assert.Equal("failed_precondition", unhealthy.Code);
        Assert.Contains("unhealthy: its last probe ended with 1: out of order", unhealthy.Message, StringComparison.Ordinal);
        await _client.Remove(ill.Id);

        Container unprobed = await _client.Run();
        Assert.Equal(("failed_precondition", "until"), await Fails(() => Wait(unprobed)) is var none ? (none.Code, none.Field) : default);
        Assert.Null(unprobed.HealthCheck);
        await _client.Remove(unprobed.Id);
    }

    [Fact]
    public async Task A_probe_that_hangs_is_killed_at_its_timeout_and_what_it_writes_is_bounded()
    {
        ContainerSpec spec = Probed("head -c 100000 /dev/zero | tr '\\0' x; sleep 1000", retries: 1);
        spec.HealthCheck.Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2));
        spec.HealthCheck.Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));
        Container container = await _client.Run(spec);
        Assert.Equal("unhealthy", (await NextChange(container)).Text("status"));
        HealthProbe probe = (await _client.Get(container.Id)).Health.Probes[0];
        Assert.True(probe.TimedOut);
        Assert.InRange(probe.Output.Length, 4096, 4200);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_probe_that_cannot_be_run_has_failed_and_says_why()
    {
        ContainerSpec spec = new() { HealthCheck = new HealthCheck { Test = { "CMD", "no-such-probe" }, Interval = Duration.FromTimeSpan(Often), Retries = 1 } };
        Container container = await _client.Run(spec);
        Assert.Equal("127", (await NextChange(container)).Text("exitCode"));
        Assert.Contains("no-such-probe", (await _client.Get(container.Id)).Health.Probes[0].Output, StringComparison.Ordinal);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_probe_runs_as_the_container_does_with_its_user_environment_and_folder()
    {
        ContainerSpec spec = Probed("echo $(id -u):$(id -g) $A $(pwd); grep -h CapEff /proc/self/status");
        (spec.User, spec.WorkingDir) = ("1000:2000", "/tmp");
        spec.Env["A"] = "b";
        Container container = await _client.Run(spec);
        await Wait(container);
        Assert.Equal("1000:2000 b /tmp\nCapEff:\t0000000000000000\n", (await _client.Get(container.Id)).Health.Probes[0].Output);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Failures_in_the_start_period_do_not_count_until_a_probe_has_succeeded()
    {
        ContainerSpec spec = Probed("echo >>/tmp/probes; test -e /tmp/ok", retries: 1);
        spec.HealthCheck.StartPeriod = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        spec.HealthCheck.StartInterval = Duration.FromTimeSpan(Often);
        Container container = await _client.Run(spec);
        await Eventually(async () => (await _client.Get(container.Id)).Health.Probes.Count == 5);
        Assert.Equal(("starting", 0), (await _client.Get(container.Id)).Health is var health ? (health.Status, health.FailingStreak) : default);
        await _client.Exec(container.Id, "touch /tmp/ok");
        await Wait(container);
        await _client.Exec(container.Id, "rm /tmp/ok");
        await Eventually(async () => (await _client.Get(container.Id)).Health.Status == "unhealthy");
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_paused_container_is_not_probed_and_goes_on_to_be_after_it()
    {
        Container paused = await _client.Run(Probed("true")), other = await _client.Run(Probed("echo >>/tmp/probes"));
        await Wait(paused);
        await _client.PauseContainerAsync(new ContainerRequest { Container = paused.Id }, cancellationToken: Cancellation);
        HealthProbe last = (await _client.Get(paused.Id)).Health.Probes[^1];

        // The other one is the clock.
        await _client.Exec(other.Id, "rm -f /tmp/probes");
        await Eventually(async () => (await _client.Exec(other.Id, "wc -l </tmp/probes")).Stdout.Trim() is { Length: > 0 } count && int.Parse(count) > 5);
        Health now = (await _client.Get(paused.Id)).Health;
        Assert.Equal(("healthy", last), (now.Status, now.Probes[^1]));
        await _client.UnpauseContainerAsync(new ContainerRequest { Container = paused.Id }, cancellationToken: Cancellation);
        await Eventually(async () => !(await _client.Get(paused.Id)).Health.Probes[^1].Equals(last));
        Assert.Equal("healthy", (await _client.Get(paused.Id)).Health.Status);
        await _client.Remove(paused.Id);
        await _client.Remove(other.Id);
    }

    [Fact]
    public async Task A_container_ends_and_goes_in_the_middle_of_a_probe_and_nothing_is_left()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        ContainerSpec spec = Probed("touch /tmp/probing; sleep 1000");
        spec.HealthCheck.Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        Container stopped = await daemon.Client.Run(spec), removed = await daemon.Client.Run(spec);
        foreach (Container container in (Container[])[stopped, removed])
        {
            await Eventually(async () => (await daemon.Client.Exec(container.Id, "test -e /tmp/probing")).ExitCode == 0);
        }

        StopContainerResponse answer = await daemon.Client.StopContainerAsync(new StopContainerRequest { Container = stopped.Id }, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Exited, answer.Container.State);
        await daemon.Client.Remove(removed.Id);
        await daemon.Client.Start(stopped.Id);
        await Eventually(async () => (await daemon.Client.Exec(stopped.Id, "ps")).Stdout.Contains("sleep 1000", StringComparison.Ordinal));
        Assert.Equal("starting", (await daemon.Client.Get(stopped.Id)).Health.Status);
    }

    [Fact]
    public async Task A_probe_that_is_given_up_is_killed()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        ContainerSpec spec = Probed("[ -e /tmp/probing ] || { touch /tmp/probing; sleep 1000; }");
        spec.HealthCheck.Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        Container container = await daemon.Client.Run(spec);
        async Task<string> Processes() => (await daemon.Client.Exec(container.Id, "ps")).Stdout;
        await Eventually(async () => (await Processes()).Contains("sleep 1000", StringComparison.Ordinal));

        // As the container is paused.
        await daemon.Client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await daemon.Client.UnpauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await Wait(container, daemon);
        await Eventually(async () => !(await Processes()).Contains("sleep 1000", StringComparison.Ordinal));

        // And as the daemon ends.
        await daemon.Client.Exec(container.Id, "rm /tmp/probing");
        await Eventually(async () => (await Processes()).Contains("sleep 1000", StringComparison.Ordinal));
        await daemon.StopAsync();
        await daemon.RunAsync();
        await Wait(container, daemon);
        await Eventually(async () => !(await Processes()).Contains("sleep 1000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_begins_anew_with_the_next_daemon()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Probed("true"));
        await Wait(container, daemon);
        await daemon.KillAsync();
        await daemon.RunAsync();
        await Wait(container, daemon);
        JsonElement told = await daemon.Client.Tool("getEvents", new { container = container.Id, types = new[] { "container.health" } });
        Assert.Equal(["healthy", "healthy"], told.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("attributes").Text("status")));
    }

    [Fact]
    public async Task An_images_health_check_is_the_containers_unless_it_is_changed_or_turned_off()
    {
        await fixture.Daemon.AddImageAsync("test/probed", new ImageDocumentConfig
        {
            Healthcheck = new ImageHealthcheck { Test = ["CMD-SHELL", "exit $CODE"], IntervalNanoseconds = 200_000_000, TimeoutNanoseconds = 7_000_000_000, Retries = 2 }, Env = ["CODE=0"], Shell = ["/bin/sh", "-ec"],
        });
        Container own = await _client.Run(new ContainerSpec { Image = "test/probed" });
        Assert.Equal(["CMD", "/bin/sh", "-ec", "exit $CODE"], own.HealthCheck.Test);
        Assert.Equal((0.2, 7.0, 2), (own.HealthCheck.Interval.ToTimeSpan().TotalSeconds, own.HealthCheck.Timeout.ToTimeSpan().TotalSeconds, own.HealthCheck.Retries));
        await Wait(own);
        Container changed = await _client.Create(new ContainerSpec { Image = "test/probed", HealthCheck = new HealthCheck { Retries = 9 } });
        Assert.Equal((9, 0.2, "exit $CODE"), (changed.HealthCheck.Retries, changed.HealthCheck.Interval.ToTimeSpan().TotalSeconds, changed.HealthCheck.Test[^1]));
        Container none = await _client.Create(new ContainerSpec { Image = "test/probed", HealthCheck = new HealthCheck { Test = { "NONE" } } });
        Assert.Null(none.HealthCheck);
        foreach (Container container in (Container[])[own, changed, none])
        {
            await _client.Remove(container.Id);
        }
    }

    [Theory]
    [InlineData("""{"test":["PING"]}""", "healthcheck.test")]
    [InlineData("""{"test":["CMD"]}""", "healthcheck.test")]
    [InlineData("""{"test":["CMD-SHELL","a","b"]}""", "healthcheck.test")]
    [InlineData("""{"test":["CMD","true"],"interval":0.001}""", "healthcheck.interval")]
    [InlineData("""{"test":["CMD","true"],"timeout":"2d"}""", "healthcheck.timeout")]
    [InlineData("""{"test":["CMD","true"],"retries":0}""", "healthcheck.retries")]
    public async Task A_health_check_that_cannot_be_is_refused_by_its_field(string healthcheck, string field)
    {
        ErrorDetail error = await _client.ToolRefused("createContainer", $$"""{"healthcheck":{{healthcheck}}}""");
        Assert.Equal(("invalid_argument", field), (error.Code, error.Field));
        Assert.NotEmpty(error.Remedy);
    }

    private static ContainerSpec Probed(string test, int retries = 3) =>
        new() { HealthCheck = new HealthCheck { Test = { "CMD-SHELL", test }, Interval = Duration.FromTimeSpan(Often), Retries = retries } };

    private async Task<WaitContainerResponse> Wait(Container container, DaemonProcess? daemon = null) => await (daemon?.Client ?? _client).WaitContainerAsync(
        new WaitContainerRequest { Container = container.Id, Until = "healthy", Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)) }, cancellationToken: Cancellation);

    /// <returns>What the first change of its health is told with.</returns>
    private async Task<JsonElement> NextChange(Container container) =>
        (await _client.Tool("getEvents", new { container = container.Id, types = new[] { "container.health" }, wait = "30s" })).GetProperty("events")[0].GetProperty("attributes");
}
