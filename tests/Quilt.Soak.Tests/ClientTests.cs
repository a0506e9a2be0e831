using System.Net.Http;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>Clients that are slow, and clients that are many.</summary>
public sealed class ClientTests
{
    private const int Many = 1000, Connections = 20, Code = 7;

    [Fact]
    public async Task Clients_that_read_nothing_hold_up_nobody_and_leave_nothing()
    {
        await using SoakRun run = await SoakRun.BeginAsync("slow clients");
        await run.GoAsync(SoakOptions.Share(0.02), SlowClients.DisturbAsync);
        run.Verdict();
    }

    [Fact]
    public async Task Of_a_thousand_requests_at_once_over_gRPC_each_is_answered()
    {
        await using SoakRun run = await SoakRun.BeginAsync("many by gRPC", heavy: false);
        DaemonProcess daemon = run.Daemon.Process;
        await WaitingForAsync(daemon, async container =>
        {
            GrpcChannel[] channels = [.. Enumerable.Range(0, Connections).Select(_ => DaemonProcess.Connect(daemon.Socket))];
            Task<int>[] waiting = [.. Enumerable.Range(0, Many).Select(async n =>
            {
                WaitContainerResponse answer = await Client(channels[n % Connections]).WaitContainerAsync(new WaitContainerRequest { Container = container, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(100)) }, cancellationToken: CancellationToken.None);
                return answer.Container.ExitCode;
            })];

            // While they wait, as many again that do not.
            await Task.WhenAll(Enumerable.Range(0, Many).Select(async n =>
            {
                QuiltService.QuiltServiceClient client = Client(channels[n % Connections]);
                switch (n % 4)
                {
                    case 0:
                        ExecResponse exec = await client.ExecAsync(new ExecRequest { Container = container, Command = { "echo", $"{n}" } }, cancellationToken: CancellationToken.None);
                        Assert.Equal($"{n}\n", exec.Result.Stdout.ToStringUtf8());
                        break;
                    case 1:
                        Assert.Equal(ContainerState.Running, (await client.GetContainerAsync(new ContainerRequest { Container = container }, cancellationToken: CancellationToken.None)).State);
                        break;
                    case 2:
                        Assert.Single((await client.ListContainersAsync(new ListContainersRequest(), cancellationToken: CancellationToken.None)).Containers);
                        break;
                    default:
                        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await client.StartContainerAsync(new StartContainerRequest { Container = $"none-{n}" }, cancellationToken: CancellationToken.None));
                        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
                        break;
                }
            }));
            Assert.DoesNotContain(waiting, w => w.IsCompleted);
            run.Figures.Count("requests", 2 * Many);
            return (waiting, channels);
        });
        await run.CountAsync();
        run.Verdict();
    }

    [Fact]
    public async Task Of_a_thousand_requests_at_once_over_HTTP_each_is_answered()
    {
        await using SoakRun run = await SoakRun.BeginAsync("many by HTTP", heavy: false);
        DaemonProcess daemon = run.Daemon.Process;
        await WaitingForAsync(daemon, async container =>
        {
            HttpClient http = daemon.Http();
            http.Timeout = TimeSpan.FromSeconds(120);
            Task<int>[] waiting = [.. Enumerable.Range(0, Many).Select(async _ =>
                (await PostAsync(http, "waitForContainer", new { container, until = "exited", timeout = "100s" })).GetProperty("container").GetProperty("exitCode").GetInt32())];
            await Task.WhenAll(Enumerable.Range(0, Many / 4).Select(async n =>
                Assert.Equal($"{n}\n", (await PostAsync(http, "execInContainer", new { container, command = new[] { "echo", $"{n}" } })).GetProperty("stdout").GetString())));
            Assert.DoesNotContain(waiting, w => w.IsCompleted);
            run.Figures.Count("requests", Many + (Many / 4));
            return (waiting, [http]);
        });
        await run.CountAsync();
        run.Verdict();
    }

    /// <summary>A container that ends when all wait for its end; each has to be told of it.</summary>
    private static async Task WaitingForAsync(DaemonProcess daemon, Func<string, Task<(Task<int>[] Waiting, IDisposable[] Clients)>> begin)
    {
        ContainerSpec spec = new() { Name = "awaited", Command = { "sh", "-c", $"while [ ! -e /end ]; do sleep 0.05; done; exit {Code}" } };
        await daemon.Client.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, cancellationToken: CancellationToken.None);
        (Task<int>[] waiting, IDisposable[] clients) = await begin("awaited");
        await daemon.Client.ExecAsync(new ExecRequest { Container = "awaited", Command = { "touch", "/end" } }, cancellationToken: CancellationToken.None);
        Assert.All(await Task.WhenAll(waiting), code => Assert.Equal(Code, code));
        Array.ForEach(clients, c => c.Dispose());
        await daemon.Client.RemoveContainerAsync(new RemoveContainerRequest { Container = "awaited" }, cancellationToken: CancellationToken.None);
    }

    private static QuiltService.QuiltServiceClient Client(GrpcChannel channel) => new(channel);

    private static async Task<JsonElement> PostAsync(HttpClient http, string tool, object arguments)
    {
        using StringContent content = new(JsonSerializer.Serialize(arguments), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync($"/v1/tools/{tool}", content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
