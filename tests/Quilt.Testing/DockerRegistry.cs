using System.Diagnostics;
using System.Net;

namespace Quilt.Testing;

/// <summary>Debian's docker-registry on a free port, with a folder of its own.</summary>
public sealed class DockerRegistry : IAsyncDisposable
{
    /// <summary>Who may come to one of <see cref="StartBasic"/>.</summary>
    public const string User = "writer", Password = "s3cret-pass";

    // Of the password above; bcrypt, few rounds.
    private const string Htpasswd = User + ":$2b$04$JwIP3pxeRentOXp5FxmekeJElPHWZd71TDFU0hUN2DI6ovxv4oJwy";
    private const string Listening = "listening on ";
    private readonly Process _process;
    private readonly TemporaryFolder _folder;

    private DockerRegistry(Process process, TemporaryFolder folder, string address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    /// <summary>HOST:PORT.</summary>
    public string Address { get; }

    /// <param name="http">Added to its section http, such as <c>tls</c>.</param>
    /// <param name="auth">Its section auth, in YAML of one line.</param>
    public static async Task<DockerRegistry> Start(IPAddress? at = null, string? http = null, Func<TemporaryFolder, string>? auth = null)
    {
        TemporaryFolder folder = new();
        List<string> lines =
        [
            "version: 0.1", "log: {level: info, accesslog: {disabled: true}}",
            $"storage: {{filesystem: {{rootdirectory: {folder["data"]}}}, delete: {{enabled: true}}}}",
            $"http: {{addr: '{at ?? IPAddress.Loopback}:0'{(http is null ? "" : ", " + http)}}}",
        ];
        if (auth is not null)
        {
            lines.Add($"auth: {auth(folder)}");
        }

        await File.WriteAllLinesAsync(folder["config.yml"], lines);
        Process process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", folder["config.yml"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["OTEL_TRACES_EXPORTER"] = "none" },
        })!;
        return new DockerRegistry(process, folder, await ReadAddress(process));
    }

    /// <summary>One that asks for name and password.</summary>
    public static Task<DockerRegistry> StartBasic() => Start(auth: folder =>
    {
        File.WriteAllText(folder["htpasswd"], Htpasswd + "\n");
        return $"{{htpasswd: {{realm: test, path: {folder["htpasswd"]}}}}}";
    });

    /// <summary>Its log says where it listens; the rest is read so that it is never held up.</summary>
    private static async Task<string> ReadAddress(Process process)
    {
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        List<string> log = [];
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            log.Add(line);
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return new string([.. line[(at + Listening.Length)..].TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':')]);
            }
        }

        throw new InvalidOperationException("docker-registry did not start: " + string.Join('\n', log));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
