using System.Net.Http.Headers;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Images;

/// <summary>
/// A registry of this run's own at a free port of 127.0.0.1: the distribution registry, plain HTTP, its blobs in a folder. In other network
/// namespaces a second process of it gives out the same folder at the same address.
/// </summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    private const string Program = "docker-registry", Listening = "listening on ";

    private readonly Workspace _workspace;
    private readonly List<Daemon> _daemons = [];

    private LocalRegistry(Workspace workspace) => _workspace = workspace;

    /// <summary>HOST:PORT.</summary>
    public string Address { get; private set; } = "127.0.0.1:0";

    /// <exception cref="BenchException">It is not installed, or does not start.</exception>
    public static async Task<LocalRegistry> StartAsync(Workspace workspace, CancellationToken cancel)
    {
        LocalRegistry registry = new(workspace);
        string log = await registry.ServeAsync([], cancel);
        registry.Address = AddressIn(log)!;
        return registry;
    }

    /// <summary>Is at the same address in the network namespace of a process, whose loopback is set up.</summary>
    public async Task ServeInAsync(int pid, CancellationToken cancel)
    {
        string nsenter = Programs.Find("nsenter") ?? throw new BenchException("nsenter is not installed: apt-get install util-linux");
        string network = $"--net=/proc/{pid}/ns/net";
        _workspace.Command(nsenter).Run(network, "/bin/busybox", "ifconfig", "lo", "up");
        await ServeAsync([nsenter, network], cancel);
    }

    /// <returns>The reference to pull it by.</returns>
    public async Task<string> PushAsync(LayeredImage image, string tag, CancellationToken cancel)
    {
        const string name = "bench/layers";
        using HttpClient http = new() { BaseAddress = new Uri($"http://{Address}/v2/{name}/"), Timeout = Timeout.InfiniteTimeSpan };
        foreach (ImageLayer layer in image.Layers)
        {
            await using FileStream file = File.OpenRead(layer.File);
            await PushBlobAsync(http, layer.Digest, new StreamContent(file), cancel);
        }

        await PushBlobAsync(http, Sha256.Of(image.Config), new ByteArrayContent(image.Config), cancel);
        ByteArrayContent manifest = new(image.Manifest) { Headers = { ContentType = new MediaTypeHeaderValue(LayeredImage.ManifestType) } };
        using HttpResponseMessage answer = await http.PutAsync($"manifests/{tag}", manifest, cancel);
        answer.EnsureSuccessStatusCode();
        return $"{Address}/{name}:{tag}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Daemon daemon in _daemons)
        {
            await daemon.DisposeAsync();
        }
    }

    /// <param name="within">The program that starts it elsewhere, with its arguments.</param>
    /// <returns>Its log.</returns>
    private async Task<string> ServeAsync(IReadOnlyList<string> within, CancellationToken cancel)
    {
        string program = Programs.Find(Program) ?? throw new BenchException($"{Program} is not installed: apt-get install {Program}");
        string folder = _workspace.Folder("registry"), log = Path.Combine(folder, $"registry-{_daemons.Count}.log"), configuration = Path.Combine(folder, $"registry-{_daemons.Count}.yml");
        await File.WriteAllLinesAsync(
            configuration,
            [
                "version: 0.1", "log: {level: info, accesslog: {disabled: true}}", $"storage: {{filesystem: {{rootdirectory: {Path.Combine(folder, "data")}}}}}", $"http: {{addr: '{Address}'}}",
            ],
            cancel);
        string[] command = [.. within, Programs.Find("env")!, "OTEL_TRACES_EXPORTER=none", program, "serve", configuration];
        _daemons.Add(await Daemon.StartAsync(command[0], command[1..], () => Task.FromResult(AddressIn(log) is not null), log, cancel));
        return log;
    }

    private static async Task PushBlobAsync(HttpClient http, string digest, HttpContent content, CancellationToken cancel)
    {
        using HttpResponseMessage begun = await http.PostAsync("blobs/uploads/", null, cancel);
        begun.EnsureSuccessStatusCode();
        UriBuilder place = new(new Uri(http.BaseAddress!, begun.Headers.Location!));
        place.Query = $"{place.Query}&digest={Uri.EscapeDataString(digest)}".TrimStart('?', '&');
        using HttpResponseMessage put = await http.PutAsync(place.Uri, content, cancel);
        put.EnsureSuccessStatusCode();
    }

    /// <summary>Its log says where it listens; null until then.</summary>
    private static string? AddressIn(string log) => File.ReadAllText(log).Split(Listening) is [_, var rest, ..]
        && new string([.. rest.TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or ':')]) is { Length: > 0 } address && address.Length < rest.Length ? address : null;
}
