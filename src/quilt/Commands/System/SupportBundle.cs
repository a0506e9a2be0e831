using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>
/// What somebody needs who is to find out what is wrong, in one archive. Only what is known to hold no secret goes in, field by field:
/// no environment, command, argument, label, file or output of a container.
/// </summary>
internal sealed class SupportBundle(Invocation call)
{
    private const int MostRows = 1000, MostLogLines = 2000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] HostFiles =
    [
        "/etc/os-release", "/proc/version", "/proc/meminfo", "/proc/loadavg", "/proc/cgroups", "/proc/self/cgroup", "/proc/self/mountinfo", "/proc/filesystems",
        "/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io", "/sys/fs/cgroup/cgroup.controllers", "/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces",
    ];

    /// <summary>Lists of tools, and which fields of their rows go in.</summary>
    internal static IReadOnlyList<BundleTable> Tables { get; } =
    [
        new("containers.json", "listContainers", "containers", ["id", "name", "state", "health", "image", "snapshot", "strategy", "agent", "session", "createdAt", "expiresAt", "exitCode"]) { IsPaged = true },
        new("images.json", "listImages", "images", ["reference", "digest", "platform", "size", "createdAt"]),
        new("snapshots.json", "listSnapshots", "snapshots", ["id", "name", "container", "containerName", "parent", "image", "imageDigest", "size", "createdAt", "agent"]) { Arguments = { ["all"] = true } },
        new("agents.json", "listAgents", "agents", ["id", "name", "parent", "createdAt", "scopes", "level", "limits", "usage"]),
        new("networks.json", "listNetworks", "networks", ["id", "name", "policy", "subnet", "subnet6", "livesWith", "createdAt", "packets", "bytes"]),
        new("edges.json", "getNetworkTopology", "edges", ["id", "from", "to", "port", "protocol", "createdAt", "expiresAt"]) { Within = "connection" },
        new("volumes.json", "listVolumes", "volumes", ["id", "name", "type", "size", "used", "createdAt", "agent"]),
        new("events.json", "getEvents", "events", ["cursor", "time", "type", "container"]) { IsPaged = true },
        new("audit.json", "getAudit", "entries", ["cursor", "time", "agent", "session", "face", "tool", "outcome", "code", "durationMs"]) { Arguments = { ["limit"] = MostRows } },
    ];

    private int _files;

    /// <returns>How many files are in it.</returns>
    /// <exception cref="QuiltException">InvalidArgument: the file is there, or cannot be made.</exception>
    internal async Task<int> WriteAsync(string file, IReadOnlyList<HostFinding> findings)
    {
        const string remedy = "name a file that is not there yet, in a folder that you may write";
        if (file.Length == 0)
        {
            throw QuiltException.Invalid("--bundle", "--bundle is empty", remedy);
        }

        try
        {
            // What is in it is for whoever it is given to.
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            await using FileStream to = new(file, options);
            await using GZipStream packed = new(to, CompressionLevel.Optimal);
            await using TarWriter tar = new(packed);
            StringWriter report = new();
            DoctorCommand.Write(report, Style.Plain, findings);
            Add(tar, "doctor.txt", report.ToString());
            await AddAsync(tar, "info.json", async () => Whole(ViewOf.Info(await call.Daemon.GetInfoAsync(new GetInfoRequest()))));
            foreach (BundleTable table in Tables)
            {
                await AddAsync(tar, table.File, () => RowsAsync(table));
            }

            await AddAsync(tar, "disk.json", async () => (await ToolCall.RunAsync(call, "getDiskUsage", new ToolArguments())).Indented);
            await AddAsync(tar, "metrics.txt", MetricsAsync);
            await AddAsync(tar, "quiltd.log", LogAsync);
            await AddAsync(tar, "host/proc/cmdline", async () => KernelParameters.Known(await File.ReadAllTextAsync("/proc/cmdline")));
            foreach (string path in HostFiles.Where(File.Exists))
            {
                await AddAsync(tar, "host" + path, () => File.ReadAllTextAsync(path));
            }

            return _files;
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--bundle", $"--bundle '{file}' cannot be written: {e.Message}", remedy);
        }
    }

    /// <summary>What cannot be had is told in its place: that it is missing may be what is wrong.</summary>
    private async Task AddAsync(TarWriter tar, string name, Func<Task<string>> content)
    {
        string text;
        try
        {
            text = await content();
        }
        catch (Exception e)
        {
            text = $"not there: {Failure.From(e).Message}\n";
        }

        Add(tar, name, text);
    }

    private void Add(TarWriter tar, string name, string text)
    {
        tar.WriteEntry(
            new PaxTarEntry(TarEntryType.RegularFile, $"quilt-bundle/{name}") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        _files++;
    }

    private static string Whole(InfoView info)
    {
        StringWriter text = new();
        CliJson.WriteDocument(text, info, j => j.InfoView);
        return text.ToString();
    }

    /// <returns>The last rows that there are, one a line.</returns>
    private async Task<string> RowsAsync(BundleTable table)
    {
        JsonObject arguments = table.Arguments.DeepClone().AsObject();
        if (table.IsPaged)
        {
            arguments["limit"] = MostRows;
        }

        Queue<string> rows = new();
        int count;
        do
        {
            ToolAnswer answer = ToolCall.Read(table.Tool, await ToolCall.RunAsync(call, new CallToolRequest { Name = table.Tool, Arguments = arguments.ToJsonString() }));
            count = 0;
            foreach (ToolAnswer row in answer[table.List].Items)
            {
                count++;
                rows.Enqueue(table.Line(row));
                if (rows.Count > MostRows)
                {
                    rows.Dequeue();
                }
            }

            arguments["cursor"] = answer["cursor"].IsThere ? JsonNode.Parse(answer["cursor"].Json.GetRawText()) : null;
        }
        while (table.IsPaged && count == MostRows && arguments["cursor"] is not null);
        return string.Concat(rows);
    }

    private async Task<string> MetricsAsync()
    {
        string socket = Path.Combine((await call.Daemon.GetInfoAsync(new GetInfoRequest())).RunDir, "http.sock");
        using HttpClient http = new(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(new Socket(new SafeSocketHandle(Sys.Connect(socket, stream: true).Release(), ownsHandle: true)), ownsSocket: true)),
            ActivityHeadersPropagator = null,
        })
        { Timeout = Patience };
        return await http.GetStringAsync(new Uri("http://quiltd/metrics"));
    }

    /// <summary>Where systemd keeps it; whoever runs quiltd otherwise has it where they sent it.</summary>
    private static async Task<string> LogAsync()
    {
        ProcessStartInfo start = new("journalctl", ["--unit=quilt", "--no-pager", "--output=short-iso", $"--lines={MostLogLines}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process journal = Process.Start(start)!;
        using CancellationTokenSource limit = new(Patience);
        try
        {
            Task<string> errors = journal.StandardError.ReadToEndAsync(limit.Token), lines = journal.StandardOutput.ReadToEndAsync(limit.Token);
            await Task.WhenAll(lines, errors);
            return (await lines).Length > 0 ? await lines : await errors;
        }
        finally
        {
            journal.Kill(); // where it did not end in time; else it has, and this does nothing
        }
    }
}
