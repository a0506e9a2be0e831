using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>
/// A shim has one thread; whatever holds that up must hold up nobody else. A shim that is stopped is deaf for as long as is wanted.
/// </summary>
public sealed class HeldUpShimTests
{
    [Theory]
    [InlineData("remove")]
    [InlineData("stop")]
    [InlineData("kill")]
    public async Task A_paused_container_ends_though_its_shim_is_held_up(string how)
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await Paused(daemon);
        ProcessIdentity process = ProcessIdentity.TryOf(container.Pid)!.Value;
        int shim = StopShim(container);
        Task ending = how switch
        {
            "remove" => daemon.Client.Remove(container.Id),
            "stop" => daemon.Client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation).ResponseAsync,
            _ => daemon.Client.KillContainerAsync(new KillContainerRequest { Container = container.Id, Signal = "KILL" }, cancellationToken: Cancellation).ResponseAsync,
        };
        try
        {
            await Deadline.Until(() => !process.IsAlive);
        }
        finally
        {
            Sys.Kill(shim, Signals.Continue);
        }

        await ending;
        if (how != "remove")
        {
            Assert.Equal(137, (await daemon.Client.WaitExited(container.Id)).ExitCode);
        }
    }

    [Fact]
    public async Task What_is_paused_takes_a_signal_when_it_goes_on_and_whoever_sends_it_does_not_wait_for_that()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await Paused(daemon, "trap 'echo told' HUP; echo ready; while :; do sleep 0.01; done");
        int shim = StopShim(container);
        try
        {
            await daemon.Client.KillContainerAsync(new KillContainerRequest { Container = container.Id, Signal = "HUP" }, cancellationToken: Cancellation);
            Assert.Equal(ContainerState.Running, (await daemon.Client.UnpauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).State);
        }
        finally
        {
            Sys.Kill(shim, Signals.Continue);
        }

        await Eventually(async () => await daemon.Client.Logs(container.Id) == "ready\ntold\n");
    }

    [Fact]
    public async Task The_next_daemon_has_a_paused_container_go_on_for_a_moment_to_free_its_shim()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await Paused(daemon);
        ICgroup group = CgroupHost.OfThisMachine().Open($"{daemon.CgroupParent}/{await File.ReadAllTextAsync(Path.Combine(daemon.StateDir, "instance"), Cancellation)}/{container.Id}");
        Assert.True(group.IsFrozen);
        int shim = StopShim(container);
        await daemon.KillAsync();
        Task starting = daemon.RunAsync();
        try
        {
            await Deadline.Until(() => !group.IsFrozen, TimeSpan.FromSeconds(60));
        }
        finally
        {
            Sys.Kill(shim, Signals.Continue);
        }

        await starting;
        Assert.Equal((ContainerState.Paused, container.Pid), await StateOf(daemon, container));
        Assert.True(group.IsFrozen);
        await daemon.Client.UnpauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(container.Id, "echo well"));
    }

    [Fact]
    public async Task The_next_daemon_ends_a_paused_container_whose_removal_was_begun()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await Paused(daemon);
        int shim = StopShim(container);
        Task removing = daemon.Client.Remove(container.Id);
        await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Removing);
        await daemon.KillAsync();
        Sys.Kill(shim, Signals.Continue);
        await Assert.ThrowsAnyAsync<RpcException>(() => removing);
        await daemon.RunAsync();
        Assert.Empty((await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);
    }

    [Fact]
    public async Task A_stop_that_is_given_up_leaves_a_container_that_runs_on_told_as_running()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Shell("trap '' TERM; touch /ready; while :; do sleep 0.01; done"));
        await daemon.Client.Exec(container.Id, "until [ -e /ready ]; do sleep 0.01; done");
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation), longer = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        StopContainerRequest request = new() { Container = container.Id, Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(1)) };
        Task first = daemon.Client.StopContainerAsync(request, cancellationToken: patience.Token).ResponseAsync, second = daemon.Client.StopContainerAsync(request, cancellationToken: longer.Token).ResponseAsync;
        await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Stopping);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<RpcException>(() => first);
        await longer.CancelAsync();
        await Assert.ThrowsAnyAsync<RpcException>(() => second);
        await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Running);
    }

    [Fact]
    public async Task A_restart_that_is_given_up_when_the_container_has_ended_starts_it_all_the_same()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done"));
        await Eventually(async () => await daemon.Client.Logs(container.Id) == "ready\n");
        await WithoutWarmShims(daemon, container, async () =>
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task restarting = daemon.Client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id }, cancellationToken: patience.Token).ResponseAsync;
            await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Exited);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<RpcException>(() => restarting);
        });
        await Eventually(async () => (await daemon.Client.Get(container.Id)) is { State: ContainerState.Running, RestartCount: 1 });
    }

    private static async Task<Container> Paused(DaemonProcess daemon, string script = "echo ready; sleep 1000")
    {
        Container container = await daemon.Client.Run(Shell(script));
        await Eventually(async () => await daemon.Client.Logs(container.Id) == "ready\n");
        await daemon.Client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        return container;
    }

    private static async Task<(ContainerState State, int Pid)> StateOf(DaemonProcess daemon, Container container)
    {
        Container now = await daemon.Client.Get(container.Id);
        return (now.State, now.Pid);
    }

    private static int StopShim(Container container)
    {
        int shim = ShimOf(container);
        Sys.Kill(shim, Signals.Stop);
        return shim;
    }

    /// <summary>Those that wait for a container answer when it is done.</summary>
    private static async Task WithoutWarmShims(DaemonProcess daemon, Container running, Func<Task> work)
    {
        await Eventually(async () => (await daemon.Client.GetInfoAsync(new GetInfoRequest(), cancellationToken: Cancellation)).WarmShims >= 4);
        int[] warm = [.. daemon.Shims().Where(pid => pid != ShimOf(running))];
        Array.ForEach(warm, pid => Sys.Kill(pid, Signals.Stop));
        try
        {
            await work();
        }
        finally
        {
            Array.ForEach(warm, pid => Sys.Kill(pid, Signals.Continue));
        }
    }
}
