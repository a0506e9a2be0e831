using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Linux;
using Xunit;

namespace Quilt.Testing;

/// <summary>A quiltd of a test's own: its folders, its process, and a client. It can be killed and started again.</summary>
public sealed class DaemonProcess : IAsyncDisposable
{
    private readonly TemporaryFolder? _own;
    private readonly string _root;
    private string? _folder;
    private (string Name, string Value)[] _environment = [];
    private Func<ProcessStartInfo, Process> _start = start => Process.Start(start)!;
    private Process? _process;
    private GrpcChannel? _channel;

    private DaemonProcess(TemporaryFolder? own, string root) => (_own, _root) = (own, root);

    /// <summary>The control group above all of its containers'.</summary>
    public string CgroupParent { get; set; } = "quilt-daemon-tests";

    public QuiltService.QuiltServiceClient Client { get; private set; } = null!;
    public string Socket => Path.Combine(_root, "run", "quilt.sock");
    public string StateDir => Path.Combine(_root, "state");
    public string RunDir => Path.Combine(_root, "run");
    public int Pid => _process!.Id;
    private string InstanceFile => Path.Combine(StateDir, "instance");

    /// <summary>It has, without being told to.</summary>
    public bool HasEnded => _process is not { HasExited: false };

    public static Task<DaemonProcess> StartAsync(params string[] options) => StartAsync(null, options);

    /// <param name="root">Null: a folder that goes with the daemon.</param>
    public static async Task<DaemonProcess> StartAsync(string? root, params string[] options)
    {
        TemporaryFolder? own = root is null ? new TemporaryFolder() : null;
        DaemonProcess daemon = new(own, root ?? own!.Path);
        await daemon.RunAsync(options);
        return daemon;
    }

    /// <param name="start">How its process is started, such as in another network namespace.</param>
    public static Task<DaemonProcess> StartByAsync(Func<ProcessStartInfo, Process> start, params string[] options) => StartByAsync(null, start, options);

    /// <param name="root">Null: a folder that goes with the daemon.</param>
    /// <param name="start">How its process is started.</param>
    public static async Task<DaemonProcess> StartByAsync(string? root, Func<ProcessStartInfo, Process> start, params string[] options)
    {
        TemporaryFolder? own = root is null ? new TemporaryFolder() : null;
        DaemonProcess daemon = new(own, root ?? own!.Path) { _start = start };
        await daemon.RunAsync(options);
        return daemon;
    }

    public static async Task<DaemonProcess> StartInGroupAsync(string cgroupParent)
    {
        TemporaryFolder own = new();
        DaemonProcess daemon = new(own, own.Path) { CgroupParent = cgroupParent };
        await daemon.RunAsync();
        return daemon;
    }

    /// <param name="folder">The one it is started in.</param>
    public static async Task<DaemonProcess> StartInAsync(string folder, params (string Name, string Value)[] environment)
    {
        TemporaryFolder own = new();
        DaemonProcess daemon = new(own, own.Path) { _folder = folder, _environment = environment };
        await daemon.RunAsync();
        return daemon;
    }

    /// <summary>Starts it, after <see cref="KillAsync"/> or <see cref="StopAsync"/> again, and waits until it answers.</summary>
    public async Task RunAsync(params string[] options)
    {
        ProcessStartInfo start = new(
            Path.Combine(Programs.Folder, "quiltd"),
            ["--state-dir", StateDir, "--run-dir", RunDir, "--host-id-claims", Path.Combine(Path.GetTempPath(), "quilt-test-host-ids"), "--cgroup-parent", CgroupParent, "--log-level", "Warning", .. options]);
        start.WorkingDirectory = _folder ?? "";
        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        _process = _start(start);
        _channel = Connect(Socket);
        Client = new QuiltService.QuiltServiceClient(_channel);
        await Deadline.Until(() => Listens() || _process.HasExited, TimeSpan.FromSeconds(180));
        Assert.False(_process.HasExited, "quiltd has ended at once");
        await Client.GetVersionAsync(new GetVersionRequest(), deadline: DateTimeOffset.UtcNow.AddSeconds(60).UtcDateTime, cancellationToken: CancellationToken.None);
    }

    /// <summary>A socket may be there of one that was killed.</summary>
    private bool Listens()
    {
        try
        {
            Sys.Connect(Socket, stream: true).Dispose();
            return true;
        }
        catch (SyscallException)
        {
            return false;
        }
    }

    public static GrpcChannel Connect(string socket) => GrpcChannel.ForAddress("http://quilt", new GrpcChannelOptions
    {
        HttpHandler = Over(socket),
        HttpVersion = HttpVersion.Version20,
        MaxReceiveMessageSize = 64 << 20,
    });

    /// <summary>HTTP as the operator has it: over the daemon's own socket.</summary>
    public HttpClient Http() => new(Over(Path.Combine(RunDir, "http.sock"))) { BaseAddress = new Uri("http://localhost") };

    private static SocketsHttpHandler Over(string socket) => new()
    {
        ConnectCallback = async (_, cancellation) =>
        {
            Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await client.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(client, ownsSocket: true);
            }
            catch
            {
                client.Dispose();
                throw;
            }
        },
    };

    /// <summary>SIGKILL: what a crash leaves is left.</summary>
    public async Task KillAsync() => await EndAsync(Signals.Kill);

    /// <summary>SIGTERM, and it goes in order.</summary>
    public async Task StopAsync() => await EndAsync(Signals.Terminate);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await RemoveAllAsync();
        }
        catch
        {
            EndWhatIsLeft(); // or it disturbs the tests that follow
            throw;
        }

        _own?.Dispose();
    }

    private async Task RemoveAllAsync()
    {
        if (_process is null)
        {
            await RunAsync();
        }

        ListContainersResponse all = await Client.ListContainersAsync(new ListContainersRequest { All = true });
        foreach (Container container in all.Containers)
        {
            await Client.RemoveContainerAsync(new RemoveContainerRequest { Container = container.Id, Force = true });
        }

        string instance = await File.ReadAllTextAsync(InstanceFile);
        await StopAsync();
        await AssertNothingIsLeft(instance);
    }

    /// <summary>Of a daemon that has no containers and has ended: looked for on the whole machine, whoever started it.</summary>
    private async Task AssertNothingIsLeft(string instance)
    {
        await Deadline.Until(() => !ProcessesOfOurs().Any(), TimeSpan.FromSeconds(60)); // a shim to which nobody could come goes after 30 s
        Assert.DoesNotContain(CgroupHierarchy.OfHost(), h => Directory.Exists($"{h.MountPoint}/{CgroupParent}/{instance}"));
        Assert.DoesNotContain(MountInfoEntry.OfThisProcess(), m => m.MountPoint.StartsWith(_root + "/", StringComparison.Ordinal));
        foreach (string folder in (string[])[Path.Combine(StateDir, "containers"), Path.Combine(StateDir, "trash"), Path.Combine(RunDir, "shims")])
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }

        Assert.False(File.Exists(Socket));
    }

    private void EndWhatIsLeft()
    {
        foreach ((int pid, _) in ProcessesOfOurs())
        {
            Sys.Kill(pid, Signals.Kill);
        }

        if (File.Exists(InstanceFile))
        {
            CgroupHost.OfThisMachine().Open($"{CgroupParent}/{File.ReadAllText(InstanceFile)}").KillAll();
        }
    }

    /// <summary>Its shims, whether they have a container or not.</summary>
    public IEnumerable<int> Shims() => ProcessesOfOurs().Where(p => p.Command.Contains(" --socket ", StringComparison.Ordinal)).Select(p => p.Pid);

    /// <summary>The daemon, its spawner and its shims have the run folder in their command lines.</summary>
    private IEnumerable<(int Pid, string Command)> ProcessesOfOurs()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            string command;
            try
            {
                command = File.ReadAllText($"{folder}/cmdline");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // gone
            }

            if (command.Contains(RunDir, StringComparison.Ordinal))
            {
                yield return (int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), command.Replace('\0', ' '));
            }
        }
    }

    private async Task EndAsync(int signal)
    {
        if (!_process!.HasExited)
        {
            Sys.Kill(_process.Id, signal);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        _channel!.Dispose();
    }
}
