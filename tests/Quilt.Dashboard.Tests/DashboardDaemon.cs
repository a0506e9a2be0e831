using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;

namespace Quilt.Dashboard.Tests;

/// <summary>A quiltd that serves its dashboard.</summary>
public sealed class DashboardDaemon : IAsyncDisposable
{
    private readonly string _address;

    private DashboardDaemon(DaemonProcess process, int port) => (Process, Port, _address) = (process, port, AddressOf(port));

    public DaemonProcess Process { get; }
    public int Port { get; }
    public QuiltService.QuiltServiceClient Client => Process.Client;
    public string Url => $"http://{_address}/";

    public static async Task<DashboardDaemon> StartAsync()
    {
        int port = FreePort.Find();
        DashboardDaemon daemon = new(await DaemonProcess.StartAsync(null, "--dashboard", AddressOf(port)), port);
        await daemon.Listens();
        return daemon;
    }

    /// <summary>After it has ended.</summary>
    public async Task RunAgainAsync()
    {
        await Process.RunAsync("--dashboard", _address);
        await Listens();
    }

    /// <summary>A link, as 'quilt dashboard' prints it.</summary>
    /// <param name="agent">Empty: the operator.</param>
    public async Task<string> LinkAsync(string agent = "") =>
        (await Client.OpenDashboardAsync(new OpenDashboardRequest { Agent = agent }, cancellationToken: TestContext.Current.CancellationToken)).Url;

    public async Task<string> TokenAsync() => await TokenOfAsync(await LinkAsync());

    /// <summary>As the page has it of its link.</summary>
    public async Task<string> TokenOfAsync(string link)
    {
        using HttpResponseMessage answer = await EnterAsync(link);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("token").GetString()!;
    }

    public async Task<HttpResponseMessage> EnterAsync(string link)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, $"{Url}enter");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", link.TrimEnd().Split("#code=")[1]);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A tool's result, called by the operator.</summary>
    public async Task<JsonElement> CallAsync(string tool, string arguments)
    {
        using HttpClient own = Process.Http();
        return await CallAsync(tool, arguments, own);
    }

    public static async Task<JsonElement> CallAsync(string tool, string arguments, HttpClient by)
    {
        using HttpResponseMessage answer = await by.PostAsync($"/v1/tools/{tool}", new StringContent(arguments, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static string AddressOf(int port) => $"127.0.0.1:{port}";

    /// <summary>Its own socket, which is waited for elsewhere, comes first.</summary>
    private Task Listens() => Deadline.Until(() =>
    {
        try
        {
            using TcpClient client = new("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(60));
}
