using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class LifecycleTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_container_is_created_not_started_and_goes_through_its_states()
    {
        Container container = await _client.Create(Shell("echo hello; exit 7"));
        Assert.Equal(ContainerState.Created, container.State);
        Assert.Equal(0, container.Pid);
        Container running = await _client.Start(container.Id);
        Assert.True(running.Pid > 0);
        Container exited = await _client.WaitExited(container.Id);
        Assert.Equal((ContainerState.Exited, 7), (exited.State, exited.ExitCode));
        Assert.Equal("hello\n", await _client.Logs(container.Id));
        await _client.Remove(container.Id, force: false);
        Assert.Equal("not_found", (await Fails(() => _client.Get(container.Id))).Code);
    }

    [Fact]
    public async Task An_exec_right_after_start_works_and_a_container_without_a_command_idles()
    {
        Container container = await _client.Run();
        Assert.Equal((0, "hi\n", ""), await _client.Exec(container.Id, "echo hi"));
        Container now = await _client.Get(container.Name);
        Assert.Equal(ContainerState.Running, now.State);
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        Assert.False(stopped.Forced);
        Assert.Equal(ContainerState.Exited, stopped.Container.State);
        await _client.Remove(container.Id, force: false);
    }
}
