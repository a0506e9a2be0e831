using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class DiskFullTests
{
    [Fact]
    public async Task On_a_full_disk_what_runs_runs_on_what_is_new_is_refused_whole_and_with_space_all_is_well()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container running = await daemon.Client.Run(Shell("echo begun; while [ ! -e /end ]; do sleep 0.02; done; exit 3"));
        Container large = await daemon.Client.Run();
        await daemon.Client.Exec(large.Id, "head -c 8000000 /dev/zero > /large");
        disk.Fill();

        ErrorDetail refused = await Fails(() => daemon.Client.Run(new ContainerSpec { Name = "late" }));
        Assert.Equal("resource_exhausted", refused.Code);
        Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(running.Id, "echo well"));
        Assert.Equal(ContainerState.Running, (await daemon.Client.Get(running.Id)).State);
        Assert.Equal(2, (await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.Count);

        // Removing is what makes space: it has to work.
        await daemon.Client.Remove(large.Id);
        disk.Free();
        Container late = await daemon.Client.Run(new ContainerSpec { Name = "late" });
        Assert.Equal((0, "", ""), await daemon.Client.Exec(running.Id, "touch /end"));
        Assert.Equal(3, (await daemon.Client.WaitExited(running.Id)).ExitCode);
        await daemon.Client.Remove(late.Id);
    }

    [Fact]
    public async Task On_a_disk_that_takes_no_more_files_what_is_new_is_refused_whole()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        disk.FillWithFiles();
        ErrorDetail refused = await Fails(() => daemon.Client.Run(new ContainerSpec { Name = "late" }));
        Assert.Equal("resource_exhausted", refused.Code);
        Assert.Empty((await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);
        disk.Free();
        await daemon.Client.Remove((await daemon.Client.Run(new ContainerSpec { Name = "late" })).Id);
    }

    [Fact]
    public async Task An_exit_is_told_also_where_there_is_no_space_to_write_it_down()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        ContainerSpec spec = Shell("read x; exit 6");
        spec.StdinOpen = true;
        Container container = await daemon.Client.Run(spec);
        disk.Fill();
        using (Grpc.Core.AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = daemon.Client.AttachContainer(cancellationToken: Cancellation))
        {
            await call.RequestStream.WriteAsync(new StreamInput { Attach = container.Id }, Cancellation);
            await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
            await new StreamReader(call).ReadToExit();
            Assert.Equal(6, call.ResponseStream.Current.Exit.ExitCode);
        }

        Assert.Equal(6, (await daemon.Client.WaitExited(container.Id)).ExitCode);
        disk.Free();
    }

    [Fact]
    public async Task A_command_that_fills_the_disk_is_answered_with_what_there_is_of_its_output()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container container = await daemon.Client.Run();
        ExecResponse answer = await daemon.Client.ExecAsync(new ExecRequest { Container = container.Id, Command = { "sh", "-c", "yes | head -c 300000; cat /dev/zero > /full 2>/dev/null; exit 7" } }, cancellationToken: Cancellation);
        Assert.Equal((7, true, 300_000, ""), (answer.Result.ExitCode, answer.Result.Truncated, answer.Result.StdoutBytes, answer.ExecId));
        Assert.Empty((await daemon.Client.ListExecsAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).Execs);
        await daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task A_daemon_that_starts_on_a_full_disk_has_what_runs()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container running = await daemon.Client.Run(), ended = await daemon.Client.Run(Shell("while [ ! -e /end ]; do sleep 0.02; done; exit 3"));
        await daemon.KillAsync();
        File.WriteAllText($"/proc/{ended.Pid}/root/end", "");
        await Deadline.Until(() => File.Exists(Path.Combine(daemon.StateDir, "containers", ended.Id, "exit.json")));
        disk.Fill();
        await daemon.RunAsync();
        Assert.Equal(ContainerState.Running, (await daemon.Client.Get(running.Id)).State);
        Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(running.Id, "echo well"));
        Assert.Equal(3, (await daemon.Client.WaitExited(ended.Id)).ExitCode);
        disk.Free();
    }

    [Fact]
    public async Task A_start_that_cannot_be_written_down_is_none_and_can_be_tried_again()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container container = await daemon.Client.Create(new ContainerSpec());
        disk.Fill();
        ErrorDetail refused = await Fails(() => daemon.Client.Start(container.Id));
        Assert.Equal("resource_exhausted", refused.Code);
        Assert.Equal(ContainerState.Created, (await daemon.Client.Get(container.Id)).State);
        disk.Free();
        await daemon.Client.Start(container.Id);
        Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(container.Id, "echo well"));
        await daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task What_is_read_in_a_session_is_answered_also_where_its_use_cannot_be_written_down()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        string session = (await daemon.Client.Tool("beginSession", new { idleTimeout = "30s" })).GetProperty("session").Id();
        disk.Fill();

        // What the database has of space itself is used up first.
        await Eventually(async () =>
        {
            try
            {
                await daemon.Client.Tool("beginSession");
                return false;
            }
            catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.ResourceExhausted)
            {
                return true;
            }
        });
        DateTimeOffset first = await EndsAt();
        await Eventually(async () => await EndsAt() > first); // it is told at a tenth of its time
        disk.Free();

        async Task<DateTimeOffset> EndsAt() =>
            (await daemon.Client.Tool("listSessions", session: session)).GetProperty("sessions").EnumerateArray().Single(s => s.Id() == session).GetProperty("endsAt").GetDateTimeOffset();
    }

    [Fact]
    public async Task Edges_of_one_that_was_removed_on_a_full_disk_go_with_the_next_check()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container web = await daemon.Client.Run(), db = await daemon.Client.Run();
        await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432 });
        await daemon.Client.Exec(web.Id, "head -c 8000000 /dev/zero > /large"); // its removal makes space for the word that it is gone
        disk.Fill();
        await daemon.Client.Remove(web.Id);
        disk.Free();
        await Eventually(async () => (await daemon.Client.Tool("getEvents", new { types = new[] { "connection.severed" } })).GetProperty("events").GetArrayLength() > 0, TimeSpan.FromSeconds(45));
        await daemon.Client.Remove(db.Id);
    }

    [Fact]
    public async Task An_edge_whose_time_is_over_on_a_full_disk_is_shut_and_goes_with_a_later_check()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container web = await daemon.Client.Run(), db = await daemon.Client.Run(Shell("while true; do echo hello | nc -l -p 5432; done"));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432, ttl = "3s" })).GetProperty("connection").Text("address");
        disk.Fill();
        await Eventually(async () => (await daemon.Client.Exec(web.Id, $"nc -w 5 {address} 5432 2>&1")).Stdout.Contains("refused", StringComparison.Ordinal));
        Assert.Single((await daemon.Client.Tool("getNetworkTopology")).GetProperty("edges").EnumerateArray());
        disk.Free();
        await Eventually(async () => (await daemon.Client.Tool("getNetworkTopology")).GetProperty("edges").GetArrayLength() == 0, TimeSpan.FromSeconds(45));
        Assert.Single((await daemon.Client.Tool("getEvents", new { types = new[] { "connection.severed" } })).GetProperty("events").EnumerateArray());
    }

    [Fact]
    public async Task A_copy_that_the_disk_has_no_space_for_says_what_is_there_and_leaves_no_half_file()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container container = await daemon.Client.Run();
        await daemon.Client.Exec(container.Id, "mkdir /in");
        using MemoryStream archive = new();
        await using (System.IO.Compression.GZipStream gzip = new(archive, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(TarText.Of(t => t.Add("first", new string('x', 4 << 20)).Add("second", new string('x', 60 << 20))), Cancellation);
        }

        ErrorDetail refused = await daemon.Client.ToolRefused("copyToContainer", new { container = container.Id, path = "/in", archive = new { content = Convert.ToBase64String(archive.ToArray()) } });
        Assert.Equal(("resource_exhausted", "path"), (refused.Code, refused.Field));
        Assert.Contains("'/in/second'; 1 entry with 4MiB copied before it is there", refused.Message, StringComparison.Ordinal);
        Assert.Equal("first 4194304\n", (await daemon.Client.Exec(container.Id, "cd /in; stat -c '%n %s' $(ls -A)")).Stdout);
        disk.Fill();
        Assert.Equal("resource_exhausted", (await daemon.Client.ToolRefused("copyToContainer", new { container = container.Id, path = "/in/more", content = new string('x', 100_000) })).Code);
        disk.Free();
        Assert.Equal("first\n", (await daemon.Client.Exec(container.Id, "ls -A /in")).Stdout);
        await daemon.Client.Remove(container.Id);
    }
}
