using System.Net.Sockets;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class CrashTests
{
    [Fact]
    public async Task A_container_outlives_its_daemon_with_its_log_and_its_true_exit_code()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        ContainerSpec spec = Shell("echo before; while [ ! -e /go ]; do sleep 0.02; done; echo after; exit 7");
        Container container = await daemon.Client.Run(spec);
        Container staying = await daemon.Client.Run(Shell("sleep 1000"));
        await daemon.Client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "log", Pattern = "before" }, cancellationToken: Cancellation);
        string execId = (await daemon.Client.ExecAsync(new ExecRequest { Container = staying.Id, Command = { "sh", "-c", "echo from exec; sleep 1000" }, Background = true }, cancellationToken: Cancellation)).ExecId;
        ProcessIdentity process = ProcessIdentity.TryOf(container.Pid)!.Value;
        await daemon.KillAsync();

        Assert.True(process.IsAlive);
        File.WriteAllText($"/proc/{container.Pid}/root/go", "");
        await Deadline.Until(() => !process.IsAlive);
        await daemon.RunAsync();

        Container now = await daemon.Client.Get(container.Id);
        Assert.Equal((ContainerState.Exited, 7, ""), (now.State, now.ExitCode, now.ExitReason));
        Assert.Equal("before\nafter\n", await daemon.Client.Logs(container.Id));
        Assert.True((await daemon.Client.Tool("getResourceUsage", new { container = container.Id })).GetProperty("memoryPeak").GetInt64() > 0);
        Container same = await daemon.Client.Get(staying.Id);
        Assert.Equal((ContainerState.Running, staying.Pid, staying.StartedAt), (same.State, same.Pid, same.StartedAt));
        Assert.Equal((0, "still\n", ""), await daemon.Client.Exec(staying.Id, "echo still"));
        GetExecResponse exec = await daemon.Client.GetExecAsync(new GetExecRequest { Container = staying.Id, ExecId = execId }, cancellationToken: Cancellation);
        Assert.Equal((true, "from exec\n"), (exec.Exec.Running, exec.Output[0].Data.ToStringUtf8()));
        await daemon.Client.StopContainerAsync(new StopContainerRequest { Container = staying.Id }, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task What_went_over_the_network_before_a_daemon_ended_counts_with_the_next()
    {
        const int bytes = 1 << 20;
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container db = await daemon.Client.Run(Shell("mkfifo /f; while :; do nc -l -p 7000 <>/f >/dev/null; done")), web = await daemon.Client.Run();
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 7000 })).GetProperty("connection").Text("address");
        Assert.Equal(0, (await daemon.Client.Exec(web.Id, $"until head -c {bytes} /dev/zero | nc {address} 7000; do sleep 0.02; done")).ExitCode);
        await daemon.Client.Remove(db.Id);
        await daemon.KillAsync();
        await daemon.RunAsync();

        await daemon.Client.Remove(web.Id);

        System.Text.Json.JsonElement all = await daemon.Client.Tool("getResourceUsage");
        Assert.InRange(all.GetProperty("networkReceived").GetInt64(), bytes, long.MaxValue);
        Assert.InRange(all.GetProperty("networkSent").GetInt64(), bytes, long.MaxValue);
    }

    [Fact]
    public async Task What_a_build_has_git_fetch_ends_with_the_daemon_and_its_folder_goes_with_the_next()
    {
        const string address = "11.1.2.3";
        await using Outside outside = await Outside.StartAsync(address);
        DaemonProcess daemon = outside.Daemon;
        Socket server = outside.Listen(address, 80);
        string instance = await File.ReadAllTextAsync(Path.Combine(daemon.StateDir, "instance"), Cancellation);
        Task building = daemon.Client.Tool("buildImage", new { dockerfileText = $"FROM quilt/busybox\nADD http://{address}/x.git /x\n", egress = new[] { $"{address}:80" } });
        using Socket git = await server.AcceptAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.NotEmpty(Left());

        await daemon.KillAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => building);
        byte[] asked = new byte[4096];
        while (await git.ReceiveAsync(asked, Cancellation).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancellation) > 0)
        {
            // It says nothing more once nobody is there who had the connection.
        }

        await daemon.RunAsync();
        Assert.Empty(Left());

        string[] Left() => Directory.GetDirectories(Path.GetTempPath(), $"quilt-git-{instance}-*");
    }

    [Fact]
    public async Task A_background_command_is_read_fed_sized_and_ended_by_the_next_daemon_and_loses_nothing()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        string counting = await Begin(daemon, container, terminal: false, "n=0; while [ $n -lt 5000 ]; do n=$((n+1)); echo $n; while [ $n -eq 100 -a ! -e /go ]; do sleep 0.02; done; done; cat; exit 6");
        string sized = await Begin(daemon, container, terminal: true, "read x; stty size; sleep 1000");
        await daemon.Client.GetExecAsync(new GetExecRequest { Container = container.Id, ExecId = counting, Follow = true }, cancellationToken: Cancellation);
        await daemon.KillAsync();
        File.WriteAllText($"/proc/{container.Pid}/root/go", ""); // most of it is written while no daemon runs
        await daemon.RunAsync();

        Assert.Equal([counting, sized], (await daemon.Client.ListExecsAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).Execs.Select(e => e.ExecId));
        await daemon.Client.SendExecInputAsync(new SendExecInputRequest { Container = container.Id, ExecId = counting, Input = Google.Protobuf.ByteString.CopyFromUtf8("end\n"), CloseStdin = true }, cancellationToken: Cancellation);
        (string[] lines, ExecInfo exec) = await ReadAll(daemon, container, counting);
        Assert.Equal([.. Enumerable.Range(1, 5000).Select(n => $"{n}"), "end"], lines);
        Assert.Equal(6, exec.ExitCode);

        await daemon.Client.SendExecInputAsync(new SendExecInputRequest { Container = container.Id, ExecId = sized, Resize = new Quilt.Api.V1.TerminalSize { Columns = 77, Rows = 11 } }, cancellationToken: Cancellation);
        await daemon.Client.SendExecInputAsync(new SendExecInputRequest { Container = container.Id, ExecId = sized, Input = Google.Protobuf.ByteString.CopyFromUtf8("\n") }, cancellationToken: Cancellation);
        await Eventually(async () => (await daemon.Client.GetExecAsync(new GetExecRequest { Container = container.Id, ExecId = sized }, cancellationToken: Cancellation)).Output.Any(l => l.Data.ToStringUtf8().Contains("11 77", StringComparison.Ordinal)));
        await daemon.Client.KillExecAsync(new KillExecRequest { Container = container.Id, ExecId = sized, Signal = "KILL" }, cancellationToken: Cancellation);
        Assert.Equal(137, (await ReadAll(daemon, container, sized)).Exec.ExitCode);
    }

    [Fact]
    public async Task What_was_told_of_a_limit_is_not_told_again_when_limits_change_or_another_daemon_comes()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20, Pids = 30 } });
        Assert.Equal(137, (await daemon.Client.Exec(container.Id, "tail /dev/zero")).ExitCode);
        await Eventually(async () => (await Told()).Contains("memory oom"));

        // What comes next is told by the same look as what would be told twice.
        await daemon.Client.Tool("setResourceLimits", new { container = container.Id, pids = 20 });
        string filling = await Begin(daemon, container, terminal: false, "i=2; while [ $i -lt 20 ]; do i=$((i+1)); sleep 1000 & done; read x; sleep 1000 & wait");
        await Eventually(async () => (await Told()).Contains("pids 95"));
        Assert.Single(await Told(), t => t == "memory oom");

        await daemon.KillAsync();
        await daemon.RunAsync();
        await daemon.Client.SendExecInputAsync(new SendExecInputRequest { Container = container.Id, ExecId = filling, Input = Google.Protobuf.ByteString.CopyFromUtf8("go\n") }, cancellationToken: Cancellation);
        await Eventually(async () => (await Told()).Contains("pids 100"));
        string[] told = await Told();
        Assert.Single(told, t => t == "memory oom");
        Assert.Single(told, t => t == "pids 95");
        await daemon.Client.Remove(container.Id);

        async Task<string[]> Told() =>
            [.. (await daemon.Client.Tool("getEvents", new { container = container.Id, types = new[] { "container.limit_reached" } })).GetProperty("events").EnumerateArray()
                .Select(e => $"{e.GetProperty("attributes").Text("limit")} {e.GetProperty("attributes").Text("level")}")];
    }

    private static async Task<string> Begin(DaemonProcess daemon, Container container, bool terminal, string script) => (await daemon.Client.ExecAsync(
        new ExecRequest { Container = container.Id, Command = { "sh", "-c", script }, Background = true, StdinOpen = true, Tty = terminal }, cancellationToken: Cancellation)).ExecId;

    private static async Task<(string[] Lines, ExecInfo Exec)> ReadAll(DaemonProcess daemon, Container container, string exec)
    {
        System.Text.StringBuilder text = new();
        GetExecResponse part = new();
        do
        {
            part = await daemon.Client.GetExecAsync(new GetExecRequest { Container = container.Id, ExecId = exec, SinceCursor = part.Cursor, Follow = true }, cancellationToken: Cancellation);
            foreach (LogLine line in part.Output)
            {
                text.Append(line.Data.ToStringUtf8());
            }
        }
        while (part.Exec.Running || part.Output.Count > 0);
        return (text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), part.Exec);
    }

    [Fact]
    public async Task A_build_ends_with_its_daemon_and_leaves_no_step_and_no_secret()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Task<System.Text.Json.JsonElement> building = daemon.Client.Tool(
            "buildImage", """{"tags":["killed:1"],"dockerfileText":"FROM quilt/busybox\nRUN --mount=type=secret,id=key touch /ready; sleep 1000\n","secrets":{"key":"open, sesame"}}""");
        await Eventually(async () => (await Steps()).Length == 1);
        ProcessIdentity step = ProcessIdentity.TryOf((await Steps())[0].Pid)!.Value;
        Assert.NotEmpty(Secrets());
        await daemon.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => building);
        await daemon.RunAsync();
        Assert.False(step.IsAlive);
        Assert.Empty((await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);
        Assert.Empty(Secrets());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "build", "work")));

        async Task<Container[]> Steps() => [.. (await daemon.Client.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation)).Containers.Where(c => c.Pid > 0)];

        string[] Secrets()
        {
            string instance = File.ReadAllText(Path.Combine(daemon.StateDir, "instance")).Trim();
            return [.. ((string[])[daemon.RunDir, "/dev/shm"]).SelectMany(f => Directory.EnumerateDirectories(f, $"quilt-step-{instance}-*"))];
        }
    }

    [Fact]
    public async Task A_shim_that_is_killed_takes_its_container_along_and_that_is_told()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Shell("sleep 1000"));
        ProcessIdentity process = ProcessIdentity.TryOf(container.Pid)!.Value;
        Sys.Kill(ShimOf(container), Signals.Kill);
        Container ended = await daemon.Client.WaitExited(container.Id);
        Assert.Equal((ContainerState.Exited, "shim_lost", 137), (ended.State, ended.ExitReason, ended.ExitCode));
        Assert.False(process.IsAlive);
        await daemon.Client.Start(container.Id);
        Assert.Equal((0, "", ""), await daemon.Client.Exec(container.Id, "true"));
    }

    [Fact]
    public async Task A_shim_that_is_killed_while_no_daemon_runs_is_found_out_later()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container running = await daemon.Client.Run(Shell("sleep 1000")), created = await daemon.Client.Create(Shell("echo late; exit 4"));
        int[] shims = [ShimOf(running)];
        await daemon.KillAsync();
        foreach (int shim in shims)
        {
            Sys.Kill(shim, Signals.Kill);
        }

        await daemon.RunAsync();
        Container lost = await daemon.Client.Get(running.Id);
        Assert.Equal((ContainerState.Exited, "shim_lost"), (lost.State, lost.ExitReason));

        // What was created and not started is as it was.
        Assert.Equal(ContainerState.Created, (await daemon.Client.Get(created.Id)).State);
        await daemon.Client.Start(created.Id);
        Assert.Equal(4, (await daemon.Client.WaitExited(created.Id)).ExitCode);
    }

    [Fact]
    public async Task Killed_at_any_moment_under_load_the_daemon_loses_nothing_and_leaves_nothing()
    {
        Dictionary<string, int> told = [];
        Random random = new(20261125);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        for (int round = 0; round < 8; round++)
        {
            using CancellationTokenSource crash = new();
            Task[] load = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(() => Load(daemon, $"r{round}w{worker}", told, crash.Token)))];

            // So many containers are told as running, then it dies in the midst of the next ones.
            int seen = random.Next(1, 12);
            await Deadline.Until(() => Count(told) >= seen, TimeSpan.FromSeconds(60));
            await daemon.KillAsync();
            await crash.CancelAsync();
            await Task.WhenAll(load);
            await daemon.RunAsync();
            await CheckAsync(daemon, told);
        }
    }

    [Fact]
    public async Task The_socket_of_a_shim_that_was_killed_goes_whatever_it_was_doing()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container running = await daemon.Client.Run(Shell("sleep 1000"));
        int[] shims = [.. Shims()];
        Assert.True(shims.Length > 2, "no shim waits");
        Array.ForEach(shims, s => Sys.Kill(s, Signals.Kill));
        await daemon.Client.Remove(running.Id); // as its shim dies
        foreach (int _ in shims)
        {
            await daemon.Client.Remove((await daemon.Client.Run()).Id); // takes what waits
        }

        await Deadline.Until(() => Directory.GetFiles(Path.Combine(daemon.RunDir, "shims")).Select(s => Path.GetFileName(s)).Except(File.ReadLines("/proc/net/unix").Select(l => Path.GetFileName(l))).All(s => !File.Exists(Path.Combine(daemon.RunDir, "shims", s))));

        IEnumerable<int> Shims() => Directory.EnumerateDirectories("/proc").Select(f => Path.GetFileName(f)).Where(n => char.IsAsciiDigit(n[0])).Select(int.Parse)
            .Where(p => CommandOf(p) is var command && command.Contains(Path.Combine(daemon.RunDir, "shims"), StringComparison.Ordinal) && !command.Contains("--spawner", StringComparison.Ordinal));

        static string CommandOf(int pid)
        {
            try
            {
                return File.ReadAllText($"/proc/{pid}/cmdline");
            }
            catch (IOException)
            {
                return ""; // it has gone
            }
        }
    }

    [Fact]
    public async Task A_removal_that_the_daemon_died_in_is_told_by_the_next_one_that_completes_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Shell("sleep 1000"));
        int shim = ShimOf(container);
        Sys.Kill(shim, Signals.Stop); // so that the removal takes as long as is wanted
        Task removing = daemon.Client.RemoveContainerAsync(new RemoveContainerRequest { Container = container.Id, Force = true }, cancellationToken: Cancellation).ResponseAsync;
        await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Removing);
        await daemon.KillAsync();
        Sys.Kill(shim, Signals.Continue);
        await Assert.ThrowsAnyAsync<Exception>(() => removing);
        await daemon.RunAsync();
        List<string> told = [];
        using Grpc.Core.AsyncServerStreamingCall<Event> call = daemon.Client.GetEvents(new GetEventsRequest { Container = container.Id }, cancellationToken: Cancellation);
        while (await call.ResponseStream.MoveNext(Cancellation))
        {
            told.Add(call.ResponseStream.Current.Type);
        }

        Assert.Single(told, "container.removed");
        Assert.Equal("container.removed", told[^1]);
    }

    [Fact]
    public async Task What_of_one_container_cannot_be_taken_away_keeps_no_daemon_from_starting_and_goes_later()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(), other = await daemon.Client.Run();
        int shim = ShimOf(container);
        Sys.Kill(shim, Signals.Stop);
        Task removing = daemon.Client.Remove(container.Id);
        await Eventually(async () => (await daemon.Client.Get(container.Id)).State == ContainerState.Removing);
        await daemon.KillAsync();
        Sys.Kill(shim, Signals.Continue);
        await Assert.ThrowsAnyAsync<Exception>(() => removing);

        string its = Path.Combine(daemon.StateDir, "containers", container.Id), strange = Path.Combine(daemon.StateDir, "containers", new string('f', container.Id.Length));
        Directory.CreateDirectory(strange);
        foreach (string folder in (string[])[its, strange])
        {
            Sys.Mount("tmpfs", folder, "tmpfs", 0, "size=4k"); // neither moved nor deleted
        }

        try
        {
            await daemon.RunAsync();
            Assert.Equal(ContainerState.Removing, (await daemon.Client.Get(container.Id)).State);
            Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(other.Id, "echo well"));
        }
        finally
        {
            Sys.Unmount(its, lazily: true);
            Sys.Unmount(strange, lazily: true);
        }

        await Eventually(async () => (await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.Count == 1, TimeSpan.FromSeconds(90));
        await daemon.StopAsync();
        await daemon.RunAsync();
        Assert.False(Directory.Exists(strange));
    }

    private static int Count(Dictionary<string, int> told)
    {
        lock (told)
        {
            return told.Count;
        }
    }

    /// <summary>Makes containers that end with a code, and remembers those that were told to run.</summary>
    private static async Task Load(DaemonProcess daemon, string prefix, Dictionary<string, int> told, CancellationToken cancellation)
    {
        QuiltService.QuiltServiceClient client = daemon.Client;
        for (int n = 0; !cancellation.IsCancellationRequested; n++)
        {
            int code = n % 100;
            ContainerSpec spec = Shell($"echo {code}; exit {code}");
            spec.Name = $"{prefix}-{n}";
            try
            {
                await client.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, cancellationToken: CancellationToken.None);
                lock (told)
                {
                    told[spec.Name] = code;
                }

                if (n % 3 == 0)
                {
                    lock (told)
                    {
                        told.Remove(spec.Name);
                    }

                    await client.RemoveContainerAsync(new RemoveContainerRequest { Container = spec.Name, Force = true }, cancellationToken: CancellationToken.None);
                }
            }
            catch (Exception e) when (e is Grpc.Core.RpcException or ObjectDisposedException)
            {
                return; // it has died
            }
        }
    }

    /// <summary>Everything that was told as running has ended with its own code and its own log; nothing is between two states.</summary>
    private static async Task CheckAsync(DaemonProcess daemon, Dictionary<string, int> told)
    {
        foreach ((string name, int code) in told)
        {
            Container container = await daemon.Client.WaitExited(name);
            Assert.Equal((code, ""), (container.ExitCode, container.ExitReason));
            Assert.Equal($"{code}\n", await daemon.Client.Logs(name));
        }

        ListContainersResponse all = await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation);
        Assert.All(all.Containers, c => Assert.True(c.State is ContainerState.Created or ContainerState.Running or ContainerState.Exited, c.ToString()));
        Assert.Equal(all.Containers.Select(c => c.Id).Order(), Directory.EnumerateDirectories(Path.Combine(daemon.StateDir, "containers")).Select(f => Path.GetFileName(f)).Order());
        foreach (Container container in all.Containers)
        {
            await daemon.Client.Remove(container.Id);
        }

        told.Clear();
    }
}
