using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Files of containers, in and out, whatever the container does meanwhile.</summary>
public sealed class CopyTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Content_goes_into_a_container_that_runs_is_paused_or_stopped_and_comes_out_again()
    {
        Container made = await _client.Create(Shell("cat /greeting; exec sleep 1000"));
        Assert.Equal(1, (await Put(made.Id, "/greeting", "before it ran\n")).GetProperty("entries").GetInt32());
        await _client.Start(made.Id);
        await Eventually(async () => await _client.Logs(made.Id) == "before it ran\n");
        await Put(made.Id, "/greeting", "running\n", mode: "0640", owner: "1000:1001");
        Assert.Equal("640 1000 1001 running\n", (await _client.Exec(made.Id, "stat -c '%a %u %g' /greeting | tr '\\n' ' '; cat /greeting")).Stdout);
        await _client.PauseContainerAsync(new ContainerRequest { Container = made.Id }, cancellationToken: Cancellation);
        await Put(made.Id, "/greeting", "paused\n");
        Assert.Equal("paused\n", await Content(made.Id, "/greeting"));
        await _client.UnpauseContainerAsync(new ContainerRequest { Container = made.Id }, cancellationToken: Cancellation);
        await _client.StopContainerAsync(new StopContainerRequest { Container = made.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        Assert.Equal("paused\n", await Content(made.Id, "/greeting"));
        await Put(made.Id, "/greeting", "stopped\n");
        Container stopped = await _client.Get(made.Id);
        Assert.Equal((ContainerState.Exited, 137, 0u), (stopped.State, stopped.ExitCode, (uint)stopped.Pid));
        await _client.Start(made.Id);
        JsonElement file = await _client.Tool("copyFromContainer", new { container = made.Id, path = "/greeting" });
        Assert.Equal(("stopped\n", "text", "0640", "1000:1001"), (file.Text("content"), file.Text("encoding"), file.Text("mode"), file.Text("owner")));
        await _client.Remove(made.Id);
    }

    [Fact]
    public async Task A_long_file_comes_in_parts_and_what_is_no_text_in_base64()
    {
        Container container = await _client.Run();
        await _client.Exec(container.Id, "i=0; while [ $i -lt 20000 ]; do echo äöü; i=$((i+1)); done > /long; printf '\\377\\000' > /bytes");
        StringBuilder all = new();
        long? offset = 0;
        while (offset is { } from)
        {
            JsonElement part = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/long", offset = from, limit = 10_000 });
            Assert.Equal("text", part.Text("encoding"));
            all.Append(part.Text("content"));
            offset = part.TryGetProperty("nextOffset", out JsonElement next) ? next.GetInt64() : null;
        }

        Assert.Equal(string.Concat(Enumerable.Repeat("äöü\n", 20_000)), all.ToString());
        JsonElement bytes = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/bytes" });
        Assert.Equal(("base64", "/wA="), (bytes.Text("encoding"), bytes.Text("content")));
        JsonElement first = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/long" });
        Assert.InRange(Encoding.UTF8.GetByteCount(first.Text("content")), 65_000, 65_536);
        Assert.Equal(140_000, first.GetProperty("bytes").GetInt64());
        await Put(container.Id, "/back", "/wA=", encoding: "base64");
        Assert.Equal("ff00", (await _client.Exec(container.Id, "od -An -tx1 /back | tr -d ' \\n'")).Stdout);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task An_archive_comes_into_a_folder_a_mount_or_memory_and_out_with_its_holes()
    {
        ContainerSpec spec = new();
        spec.Tmpfs.Add(new Tmpfs { Path = "/memory", SizeBytes = 8 << 20 });
        Container container = await _client.Run(spec);
        await _client.Exec(container.Id, "mkdir /in; echo someone:x:1234:1234::/:/bin/sh >> /etc/passwd");
        string upload = await Upload(Tar(t => t.Add("a/").Add("a/b", "content")));
        JsonElement done = await _client.Tool("copyToContainer", new { container = container.Id, path = "/in", archive = new { upload }, owner = "someone" });
        Assert.Equal((2, 7), (done.GetProperty("entries").GetInt32(), done.GetProperty("bytes").GetInt32()));
        Assert.Equal("content1234\n", (await _client.Exec(container.Id, "cat /in/a/b; stat -c %u /in/a/b")).Stdout);
        await _client.Tool("copyToContainer", new { container = container.Id, path = "/memory", archive = new { content = Convert.ToBase64String(Tar(t => t.Add("x", "y"))) } });
        Assert.Equal("y0\n", (await _client.Exec(container.Id, "cat /memory/x; stat -c %u /memory/x")).Stdout);

        await _client.Exec(container.Id, "truncate -s 100G /in/sparse; echo end >> /in/sparse; mkfifo /in/fifo; ln -s /proc/1/root /in/link");
        JsonElement packed = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/in", @as = "archive" });
        byte[] archive = await Download(packed.Text("downloadId"));
        Assert.InRange(archive.Length, 1, 64 << 10);
        Assert.Equal(6, packed.GetProperty("entries").GetInt32());
        JsonElement back = await _client.Tool("copyToContainer", new { container = container.Id, path = "/back", placing = "as", archive = new { upload = await Upload(archive) } });
        Assert.Equal(6, back.GetProperty("entries").GetInt32());
        Assert.Equal("107374182404\nend\n/proc/1/root\n", (await _client.Exec(container.Id, "stat -c %s /back/sparse; tail -c 4 /back/sparse; readlink /back/link")).Stdout);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_the_kernel_shows_is_left_out_and_what_would_block_is_not_opened()
    {
        Container container = await _client.Run();
        await _client.Exec(container.Id, "mkfifo /wait");
        JsonElement all = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/", @as = "archive" });
        string[] left = [.. all.GetProperty("leftOut").EnumerateArray().Select(l => l.GetString()!)];
        Assert.Contains("proc: is the kernel's own", left);
        Assert.Contains("dev/null: is a device", left);
        await using (MemoryStream stream = new(await Download(all.Text("downloadId"))))
        await using (TarReader reader = new(stream))
        {
            List<string> names = [];
            while (await reader.GetNextEntryAsync(cancellationToken: Cancellation) is { } entry)
            {
                names.Add(entry.Name);
            }

            Assert.Contains("wait", names);
            Assert.DoesNotContain(names, n => n.StartsWith("proc", StringComparison.Ordinal) || n.StartsWith("sys", StringComparison.Ordinal));
        }

        Assert.Equal("failed_precondition", (await _client.ToolRefused("copyFromContainer", new { container = container.Id, path = "/wait" })).Code);
        Assert.Equal("failed_precondition", (await _client.ToolRefused("copyFromContainer", new { container = container.Id, path = "/proc/version" })).Code);
        Assert.Equal("failed_precondition", (await _client.ToolRefused("copyToContainer", new { container = container.Id, path = "/proc/sys/kernel/hostname", content = "x" })).Code);
        await _client.Exec(container.Id, "ln -s /proc/1/root/etc /magic");
        Assert.NotEqual("", (await _client.ToolRefused("copyFromContainer", new { container = container.Id, path = "/magic/hostname" })).Code);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Bad_input_is_refused_by_its_field_and_nothing_changes()
    {
        ContainerSpec spec = new() { ReadOnlyRootfs = true };
        Container container = await _client.Run();
        Container readOnly = await _client.Run(spec);
        string id = container.Id;
        async Task Refused(string code, string field, object arguments, string tool = "copyToContainer")
        {
            ErrorDetail detail = await _client.ToolRefused(tool, arguments);
            Assert.Equal((code, field), (detail.Code, detail.Field));
            Assert.NotEmpty(detail.Remedy);
        }

        await Refused("invalid_argument", "path", new { container = id, path = "relative", content = "x" });
        await Refused("invalid_argument", "path", new { container = id, path = "/a/", content = "x" });
        await Refused("invalid_argument", "content", new { container = id, path = "/a" });
        await Refused("invalid_argument", "content", new { container = id, path = "/a", content = "x", hostPath = "/etc/hostname" });
        await Refused("invalid_argument", "content", new { container = id, path = "/a", content = "!", encoding = "base64" });
        await Refused("invalid_argument", "mode", new { container = id, path = "/a", content = "x", mode = "rwx" });
        await Refused("invalid_argument", "mode", new { container = id, path = "/a", content = "x", mode = "10000" });
        await Refused("invalid_argument", "owner", new { container = id, path = "/a", content = "x", owner = "nobody-of-that-name" });
        await Refused("invalid_argument", "owner", new { container = id, path = "/a", content = "x", owner = "70000" });
        await Refused("not_found", "path", new { container = id, path = "/no/such/folder", content = "x" });
        await Refused("failed_precondition", "path", new { container = id, path = "/etc", content = "x" });
        await Refused("failed_precondition", "path", new { container = id, path = "/etc/passwd/x", content = "x" });
        await Refused("failed_precondition", "path", new { container = readOnly.Id, path = "/a", content = "x" });
        await Refused("not_found", "archive.upload", new { container = id, path = "/", archive = new { upload = "none" } });
        await Refused("invalid_argument", "archive", new { container = id, path = "/", archive = new { content = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', 2000))) } });
        await Refused("not_found", "container", new { container = "none-of-that-name", path = "/a", content = "x" });
        await Refused("not_found", "path", new { container = id, path = "/none" }, "copyFromContainer");
        await Refused("failed_precondition", "path", new { container = id, path = "/etc" }, "copyFromContainer");
        await Refused("not_found", "path", new { container = id, path = "/etc/passwd/", @as = "archive" }, "copyFromContainer");
        await Refused("invalid_argument", "limit", new { container = id, path = "/etc/passwd", limit = "1GiB" }, "copyFromContainer");
        await Refused("not_found", "path", new { container = id, path = "/../../../none" }, "copyFromContainer");
        Assert.Equal("", (await _client.Exec(id, "ls -A / | grep -E '^(a|\\.quilt.*)$'")).Stdout);
        await _client.Remove(id);
        await _client.Remove(readOnly.Id);
    }

    [Fact]
    public async Task Who_may_not_know_a_container_copies_nothing_and_a_host_path_takes_a_grant()
    {
        using TemporaryFolder host = new();
        await File.WriteAllTextAsync(host["source"], "of the host", Cancellation);
        Directory.CreateDirectory(host["to"]);
        Directory.CreateDirectory(host["read"]);
        string owner = await _client.Agent($$"""{"tools":{"level":"dangerous"},"hostPaths":[{"path":"{{host["source"]}}"},{"path":"{{host["read"]}}"},{"path":"{{host["to"]}}","readOnly":false}]}"""), other = await _client.Agent();
        string id = (await _client.Tool("createContainer", new { name = "files", autoStart = true }, owner)).Id();
        Assert.Equal("not_found", (await _client.ToolRefused("copyFromContainer", new { container = id, path = "/etc/passwd" }, other)).Code);
        Assert.Equal("not_found", (await _client.ToolRefused("copyToContainer", new { container = id, path = "/a", content = "x" }, other)).Code);
        await _client.Tool("copyToContainer", new { container = id, path = "/a", hostPath = host["source"] }, owner);
        JsonElement done = await _client.Tool("copyFromContainer", new { container = id, path = "/a", hostPath = host["to"] }, owner);
        Assert.Equal(1, done.GetProperty("entries").GetInt32());
        Assert.Equal("of the host", await File.ReadAllTextAsync(host["to/a"], Cancellation));

        // Nothing gains rights by leaving, and no link leads out of the folder that was granted.
        await _client.Tool("execInContainer", new { container = id, command = new[] { "sh", "-c", "mkdir /t; cp /bin/busybox /t/set; chmod 4755 /t/set; ln -s ../../outside /t/l; ln -s /etc /t/etc" } }, owner);
        await _client.Tool("copyFromContainer", new { container = id, path = "/t", hostPath = host["to"] }, owner);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(host["to/t/set"]) & UnixFileMode.SetUser);
        await _client.Tool("copyToContainer", new { container = id, path = "/t2", hostPath = host["to"] + "/t" }, owner);
        Assert.Equal("/etc", (await _client.Tool("execInContainer", new { container = id, command = new[] { "readlink", "/t2/etc" } }, owner)).Text("stdout").Trim());
        foreach (string refused in (string[])[host["to"] + "/../x", host["read"], host["source"], "/etc"])
        {
            Assert.Equal("permission_denied", (await _client.ToolRefused("copyFromContainer", new { container = id, path = "/a", hostPath = refused }, owner)).Code);
        }

        File.CreateSymbolicLink(host["to/out"], host["read"]);
        Assert.Equal("permission_denied", (await _client.ToolRefused("copyFromContainer", new { container = id, path = "/a", hostPath = host["to/out"] }, owner)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("copyToContainer", new { container = id, path = "/b", hostPath = "/etc/hostname" }, owner)).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(host["read"]));
        await _client.Tool("removeContainer", new { container = id, force = true }, owner);
    }

    [Fact]
    public async Task Nobody_learns_what_the_host_has_outside_of_the_grant()
    {
        using TemporaryFolder host = new();
        Directory.CreateDirectory(host["own"]);
        Directory.CreateDirectory(host["secret/there"]);
        string agent = await _client.Agent($$"""{"tools":{"level":"dangerous"},"hostPaths":[{"path":"{{host["own"]}}","readOnly":false}]}""");
        string id = (await _client.Tool("createContainer", new { autoStart = true }, agent)).Id();
        File.CreateSymbolicLink(host["own/link-1"], host["secret/there"]);
        File.CreateSymbolicLink(host["own/link-2"], host["secret/none"]);
        async Task<string> Refused(string tool, string path, string shown)
        {
            ErrorDetail refused = await _client.ToolRefused(tool, new { container = id, path = tool == "copyToContainer" ? "/a" : "/etc/passwd", hostPath = path }, agent);
            return $"{refused.Code} {refused.Message.Replace(path, shown, StringComparison.Ordinal)} {refused.Remedy}";
        }

        foreach (string tool in (string[])["copyToContainer", "copyFromContainer"])
        {
            foreach ((string there, string none) in ((string, string)[])
            [
                (host["secret/there"], host["secret/none"]), (host["secret/there/."], host["secret/none/."]), (host["secret/there/x"], host["secret/none/x"]),
                (host["own/link-1"], host["own/link-2"]), (host["own/link-1/x"], host["own/link-2/x"]), (host["own/link-1/"], host["own/link-2/"]),
            ])
            {
                string refused = await Refused(tool, there, "PATH");
                Assert.StartsWith("permission_denied", refused, StringComparison.Ordinal);
                Assert.Equal(refused, await Refused(tool, none, "PATH"));
            }

            // What stands before '..' is not looked at.
            string into = tool == "copyToContainer" ? "/own/none" : "/own/none/none";
            Assert.StartsWith("not_found", await Refused(tool, host["secret/there/../.."] + into, "PATH"), StringComparison.Ordinal);
            Assert.StartsWith("not_found", await Refused(tool, host["secret/none/../.."] + into, "PATH"), StringComparison.Ordinal);
        }

        await _client.Tool("removeContainer", new { container = id, force = true }, agent);
    }

    [Fact]
    public async Task A_copy_that_its_container_outlives_ends_and_leaves_no_temporary_file()
    {
        Container container = await _client.Run();
        using CancellationTokenSource impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await _client.Exec(container.Id, "mkdir /in");
        string upload = await Upload(Tar(t => t.Add("large", new string('x', 32 << 20))));
        Task<JsonElement> copy = _client.Tool("copyToContainer", new { container = container.Id, path = "/in", archive = new { upload } }, cancellation: impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => copy);
        await Eventually(async () => (await _client.Exec(container.Id, "ls -A /in")).Stdout is "" or "large\n");
        Assert.True((await _client.Exec(container.Id, "[ ! -e /in/large ] || [ $(stat -c %s /in/large) = 33554432 ]")).ExitCode == 0);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_file_in_memory_stays_within_the_container_s_limit()
    {
        ContainerSpec spec = new() { Resources = new Resources { MemoryBytes = 32 << 20 } };
        spec.Tmpfs.Add(new Tmpfs { Path = "/memory" });
        Container container = await _client.Run(spec);
        string upload = await Upload(Tar(t => t.Add("a", new string('x', 20 << 20)).Add("b", new string('x', 20 << 20))));
        ErrorDetail refused = await _client.ToolRefused("copyToContainer", new { container = container.Id, path = "/memory", archive = new { upload } });
        Assert.Equal(("resource_exhausted", "path"), (refused.Code, refused.Field));
        Assert.Contains("1 entry ", refused.Message, StringComparison.Ordinal);
        Assert.Equal("a\n", (await _client.Exec(container.Id, "ls -A /memory")).Stdout);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Copies_of_a_stopped_container_leave_nothing_prepared_and_a_start_meanwhile_goes_on_with_it()
    {
        Container container = await _client.Run(Shell("exit 3"));
        Assert.Equal(3, (await _client.WaitExited(container.Id)).ExitCode);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            await Put(container.Id, $"/file{i}", $"{i}");
            Assert.Equal($"{i}", await Content(container.Id, $"/file{i}"));
        }));
        Container after = await _client.Get(container.Id);
        Assert.Equal((ContainerState.Exited, 3, 0), (after.State, after.ExitCode, (int)after.Pid));
        Task[] copies = [.. Enumerable.Range(0, 8).Select(i => Put(container.Id, $"/late{i}", "x"))];
        await _client.Start(container.Id);
        await Task.WhenAll(copies.Select(c => c.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(3, (await _client.WaitExited(container.Id)).ExitCode);
        foreach (Task copy in copies.Where(c => c.IsFaulted))
        {
            Assert.Contains("ended meanwhile", Assert.IsType<RpcException>(copy.Exception!.InnerException).Message, StringComparison.Ordinal);
        }

        await _client.Remove(container.Id);
    }

    private async Task<JsonElement> Put(string container, string path, string content, string? mode = null, string? owner = null, string encoding = "text") => await _client.Tool(
        "copyToContainer",
        JsonSerializer.Serialize(new Dictionary<string, string?> { ["container"] = container, ["path"] = path, ["content"] = content, ["mode"] = mode, ["owner"] = owner, ["encoding"] = encoding }.Where(p => p.Value is not null).ToDictionary()));

    private async Task<string> Content(string container, string path) => (await _client.Tool("copyFromContainer", new { container, path })).Text("content");

    private Task<string> Upload(byte[] content) => _client.UploadBytes(content);

    private Task<byte[]> Download(string id) => _client.DownloadBytes(id);

    private static byte[] Tar(Action<TarText> write) => TarText.Of(write);
}
