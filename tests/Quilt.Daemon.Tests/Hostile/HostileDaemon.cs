using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>A daemon of its own for what nobody meant, and an agent whose grant bounds what that may come to.</summary>
public sealed class HostileDaemon : IAsyncLifetime
{
    private const int SpareDescriptors = 8;
    private GrpcChannel? _channel;

    public DaemonProcess Daemon { get; private set; } = null!;
    public string Token { get; private set; } = "";

    /// <summary>For calls whose bodies are bytes.</summary>
    public CallInvoker Invoker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Daemon = await DaemonProcess.StartAsync();
        _channel = DaemonProcess.Connect(Daemon.Socket);
        Invoker = _channel.CreateCallInvoker();
        Token = await Daemon.Client.Agent("""{"limits":{"containers":2,"memory":"256MiB","volumes":1,"disk":"64MiB"},"egress":[],"ports":[],"hostPaths":[]}""");
    }

    /// <summary>With the agent's token.</summary>
    internal HttpClient Http()
    {
        HttpClient http = Daemon.Http();
        http.Timeout = TimeSpan.FromSeconds(60);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }

    /// <summary>Its end is in order, and nothing is left.</summary>
    public ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        return Daemon.DisposeAsync();
    }

    /// <summary>Does it, and sees then that the daemon answers as before and holds no more than before.</summary>
    internal void Survives(Action attack)
    {
        Answers();
        string[] before = Descriptors();
        attack();
        Answers();
        try
        {
            Deadline.Until(() => Descriptors().Length <= before.Length + SpareDescriptors, TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            Assert.Fail($"the daemon holds {before.Length} descriptors before and {Descriptors().Length} after: {string.Join(", ", Descriptors().GroupBy(d => d).Select(g => $"{g.Count()} {g.Key}"))}");
        }
    }

    private void Answers() => Daemon.Client.ListContainers(new ListContainersRequest { All = true }, deadline: TimeProvider.System.GetUtcNow().AddSeconds(60).UtcDateTime, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>What each of them is, without the number that makes it another's, without the libraries that a daemon compiled at run time opens as it goes, and without what an agent sent that waits to be used (64 at most, 15 minutes).</summary>
    private string[] Descriptors() =>
    [
        .. Directory.EnumerateFileSystemEntries($"/proc/{Daemon.Pid}/fd").Select(d => (new FileInfo(d).LinkTarget ?? "gone").Split(":[")[0]).Where(d => !d.EndsWith(".dll", StringComparison.Ordinal) && !d.Contains("/transfers/", StringComparison.Ordinal)),
    ];
}
