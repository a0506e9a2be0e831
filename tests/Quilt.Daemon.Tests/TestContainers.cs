using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>What most tests do with a daemon.</summary>
internal static class TestContainers
{
    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The process that a running container's first one is a child of.</summary>
    internal static int ShimOf(Container container) => ProcessStat.TryRead(container.Pid)!.Value.ParentPid;

    /// <returns>Which of a daemon's files have a text.</returns>
    internal static async Task<string> FilesWith(this DaemonProcess daemon, string text)
    {
        ProgramRun found = await ProgramRun.OfAsync("grep", "-rlaF", "--devices=skip", "-e", text, daemon.StateDir, daemon.RunDir);
        Assert.True(found.ExitCode < 2, found.ToString());
        return found.Said;
    }

    internal static ContainerSpec Shell(string script) => new() { Command = { "sh", "-c", script } };

    internal static async Task<Container> Create(this QuiltService.QuiltServiceClient client, ContainerSpec? spec = null, bool start = false) =>
        (await client.CreateContainerAsync(new CreateContainerRequest { Spec = spec ?? new ContainerSpec(), AutoStart = start }, cancellationToken: Cancellation)).Container;

    internal static Task<Container> Run(this QuiltService.QuiltServiceClient client, ContainerSpec? spec = null) => client.Create(spec, start: true);

    internal static async Task<Container> Start(this QuiltService.QuiltServiceClient client, string container) =>
        (await client.StartContainerAsync(new StartContainerRequest { Container = container }, cancellationToken: Cancellation)).Container;

    internal static async Task<Container> Get(this QuiltService.QuiltServiceClient client, string container) =>
        await client.GetContainerAsync(new ContainerRequest { Container = container }, cancellationToken: Cancellation);

    internal static async Task Remove(this QuiltService.QuiltServiceClient client, string container, bool force = true) =>
        await client.RemoveContainerAsync(new RemoveContainerRequest { Container = container, Force = force }, cancellationToken: Cancellation);

    internal static async Task<Container> WaitExited(this QuiltService.QuiltServiceClient client, string container) =>
        (await client.WaitContainerAsync(new WaitContainerRequest { Container = container, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(30)) }, cancellationToken: Cancellation)).Container;

    internal static async Task<(int ExitCode, string Stdout, string Stderr)> Exec(this QuiltService.QuiltServiceClient client, string container, string script)
    {
        ExecResult result = (await client.ExecAsync(new ExecRequest { Container = container, Command = { "sh", "-c", script } }, cancellationToken: Cancellation)).Result;
        return (result.ExitCode, result.Stdout.ToStringUtf8(), result.Stderr.ToStringUtf8());
    }

    internal static async Task<string> Logs(this QuiltService.QuiltServiceClient client, string container, Action<GetLogsRequest>? change = null)
    {
        GetLogsRequest request = new() { Container = container };
        change?.Invoke(request);
        StringBuilder text = new();
        using AsyncServerStreamingCall<LogLine> call = client.GetLogs(request, cancellationToken: Cancellation);
        await foreach (LogLine line in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            text.Append(line.Data.ToStringUtf8());
        }

        return text.ToString();
    }

    /// <summary>Where a running container's group has a controller's files, in v1's hierarchy of it or in the unified one.</summary>
    internal static string GroupFolder(Container container, string controller)
    {
        bool unified = CgroupHost.OfThisMachine().Mode == CgroupMode.V2;

        // hierarchy:controllers:path (cgroups(7))
        string path = File.ReadLines($"/proc/{container.Pid}/cgroup").Select(l => l.Split(':', 3)).Single(l => unified ? l[0] == "0" : l[1].Split(',').Contains(controller))[2];
        return CgroupHierarchy.OfHost().Single(h => unified ? h.IsUnified : h.Controllers.Contains(controller)).MountPoint + path;
    }

    /// <summary>One that belongs to a running container's network: busybox has little that speaks.</summary>
    internal static Socket SocketWithin(Container container, SocketType type, AddressFamily family = AddressFamily.InterNetwork)
    {
        using FileDescriptor network = Sys.Open($"/proc/{container.Pid}/ns/net", OpenMode.ReadOnly);
        return NamespaceThread.Run(network, () => new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));
    }

    /// <summary>What says who calls.</summary>
    internal static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

    /// <summary>Asks again until it is so.</summary>
    internal static async Task Eventually(Func<Task<bool>> condition, TimeSpan? within = null, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string what = "")
    {
        System.Diagnostics.Stopwatch elapsed = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(elapsed.Elapsed < (within ?? TimeSpan.FromSeconds(30)), $"still not: {what}");
            await Task.Yield();
        }
    }

    /// <summary>Fails unless the call fails; its code, field and words are there to be looked at.</summary>
    internal static async Task<ErrorDetail> Fails(Func<Task> call)
    {
        RpcException failure = await Assert.ThrowsAsync<RpcException>(call);
        ErrorDetail detail = failure.GetRpcStatus()?.GetDetail<ErrorDetail>() ?? throw new InvalidOperationException($"without detail: {failure.Status}", failure);
        Assert.NotEmpty(detail.Message);
        Assert.NotEmpty(detail.Remedy);
        return detail;
    }
}
