using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A container that is made to harm who copies: no file of the host's is read or written, and nothing of the container's is run.</summary>
public sealed class HostileCopyTests(DaemonFixture fixture)
{
    private const int Copies = 300;
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    /// <summary>CVE-2018-15664 and its like.</summary>
    [Fact]
    public async Task Folders_exchanged_for_links_while_copies_go_on_lead_nowhere_else()
    {
        using TemporaryFolder host = new();
        string target = host["only-on-the-host"];
        Directory.CreateDirectory(target);
        await File.WriteAllTextAsync(Path.Combine(target, "secret"), "of the host", Cancellation);

        // The container has a folder of the same path: who resolves on the host gets the host's, who resolves inside gets this one.
        Container container = await _client.Run();
        string up = string.Concat(Enumerable.Repeat("../", 40));
        await _client.Exec(container.Id, $"mkdir -p {target} /race/a/x; echo of the container > {target}/secret; echo of the folder > /race/a/x/secret; ln -s {up}{target[1..]} /race/out; ln -s {target} /race/abs; echo 0 > /count");
        string racer = $"i=0; while [ ! -e /end ]; do mv /race/a /race/b 2>/dev/null; ln -s {up}{target[1..]} /race/a; rm -rf /race/a; mv /race/b /race/a; mv /race/a/x /race/a/y; ln -s {target} /race/a/x; rm /race/a/x; mv /race/a/y /race/a/x; i=$((i+1)); [ $i = 250 ] && touch /enough; done; echo $i > /count";
        ExecResponse racing = await _client.ExecAsync(new ExecRequest { Container = container.Id, Command = { "sh", "-c", racer }, Background = true }, cancellationToken: Cancellation);
        string upload = "";
        int written = 0, read = 0, copies = 0;
        byte[] archive = TarText.Of(t => t.Add("x/").Add("x/planted", "by the copy").Add("x/more/").Add("x/more/planted", "by the copy"));
        for (; copies < Copies || (await _client.Exec(container.Id, "[ -e /enough ]")).ExitCode != 0; copies++)
        {
            upload = await _client.UploadBytes(archive);
            written += await Try(() => _client.Tool("copyToContainer", new { container = container.Id, path = "/race/a", archive = new { upload } }));
            written += await Try(() => _client.Tool("copyToContainer", new { container = container.Id, path = "/race/a/x/planted2", content = "by the copy", parents = true }));
            read += await Try(async () =>
            {
                string content = (await _client.Tool("copyFromContainer", new { container = container.Id, path = "/race/a/x/secret" })).Text("content");
                Assert.DoesNotContain("of the host", content, StringComparison.Ordinal);
            });
            read += await Try(async () =>
            {
                JsonElement packed = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/race", @as = "archive" });
                Assert.DoesNotContain("of the host", System.Text.Encoding.UTF8.GetString(await _client.DownloadBytes(packed.Text("downloadId"))), StringComparison.Ordinal);
            });
        }

        await _client.Exec(container.Id, "touch /end");
        await Eventually(async () => (await _client.Exec(container.Id, "cat /count")).Stdout.Trim() is not ("0" or ""));
        int exchanges = 4 * int.Parse((await _client.Exec(container.Id, "cat /count")).Stdout, System.Globalization.CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{exchanges} exchanges; {written} of {2 * copies} copies in and {read} of {2 * copies} out went through");
        Assert.True(exchanges >= 1000, $"{exchanges} exchanges");
        Assert.True(written > 0 && read > 0);
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
        Assert.Equal("of the host", await File.ReadAllTextAsync(Path.Combine(target, "secret"), Cancellation));
        await _client.Remove(container.Id);
        Assert.NotEmpty(racing.ExecId);
    }

    /// <summary>CVE-2019-14271: who copied had the container's root as its own when its C library looked for one more library.</summary>
    [Fact]
    public async Task No_library_of_the_containers_is_loaded_by_who_copies()
    {
        using TemporaryFolder host = new();
        byte[] library = await BuildLibraryAsync(host);
        Container container = await _client.Run();
        string places = "/lib /usr/lib /lib64 /usr/lib64 /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu";
        string traps = "/etc/nsswitch.conf /etc/ld.so.preload /etc/ld.so.cache $(find /lib* /usr/lib* -name 'lib*.so*')";
        await InstallAsync(container, "/planted", library);
        await _client.Exec(container.Id, $"""
            mkdir -p -m 0777 {host.Path}; mkdir -p {places} /in
            for place in {places}; do
              for name in nss_evil.so.2 nss_files.so.2 nss_compat.so.2 nss_systemd.so.2 gcc_s.so.1 icuuc.so.72 ssl.so.3 crypto.so.3 c.so.6; do ln -f /planted $place/lib$name || cp /planted $place/lib$name; done
            done
            echo someone:x:1234:1234::/:/bin/sh >> /etc/passwd; echo someone:x:1234: >> /etc/group
            printf 'passwd: evil files\ngroup: evil files\nhosts: evil files\n' > /etc/nsswitch.conf
            echo /planted > /etc/ld.so.preload; echo > /etc/ld.so.cache
            """);
        async Task<string> LastRead() => (await _client.Exec(container.Id, $"stat -c %X {traps} | sort -u")).Stdout;
        async Task Set() => Assert.Equal((0, "978307200\n"), ((await _client.Exec(container.Id, $"TZ=UTC touch -d '2001-01-01 00:00:00' {traps}")).ExitCode, await LastRead()));

        // That a reader would be seen.
        await Set();
        await _client.Exec(container.Id, "cat /etc/nsswitch.conf");
        Assert.NotEqual("978307200\n", await LastRead());
        await Set();

        byte[] archive = TarText.Of(t => t.Add(new PaxTarEntry(TarEntryType.RegularFile, "owned") { UserName = "someone", GroupName = "someone", Uid = 1234 }).Add("folder/").Add("folder/file", "content"));
        async Task CopyAsync()
        {
            await _client.Tool("copyToContainer", new { container = container.Id, path = "/in", archive = new { upload = await _client.UploadBytes(archive) }, owner = "someone:someone" });
            await _client.Tool("copyToContainer", new { container = container.Id, path = "/in", archive = new { upload = await _client.UploadBytes(archive) }, keepOwners = true });
            await _client.Tool("copyToContainer", new { container = container.Id, path = "/in/new/file", content = "content", owner = "someone", parents = true });
            await _client.ToolRefused("copyToContainer", new { container = container.Id, path = "/in/file", content = "content", owner = "nobody-of-that-name" });
            Assert.Equal("content", (await _client.Tool("copyFromContainer", new { container = container.Id, path = "/in/new/file" })).Text("content"));
            JsonElement packed = await _client.Tool("copyFromContainer", new { container = container.Id, path = "/in", @as = "archive" });
            Assert.NotEmpty(await _client.DownloadBytes(packed.Text("downloadId")));
            await _client.ToolRefused("copyFromContainer", new { container = container.Id, path = "/in/no-such" });
        }

        await CopyAsync();
        await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        await CopyAsync();
        await _client.Start(container.Id);
        Assert.Equal("978307200\n", await LastRead());
        Assert.NotEqual(0, (await _client.Exec(container.Id, $"ls {host["loaded"]}")).ExitCode);
        Assert.False(File.Exists(host["loaded"]));
        await _client.Remove(container.Id);
    }

    /// <returns>A library whose loading leaves the file 'loaded' in the folder, as a first program has shown.</returns>
    private static async Task<byte[]> BuildLibraryAsync(TemporaryFolder folder)
    {
        string library = folder["planted.so"], mark = folder["loaded"];
        ProgramRun built = await ProgramRun.OfAsync(
            "gcc", "-shared", "-fPIC", "-O1", "-std=gnu17", "-Wall", "-Wextra", "-Werror", $"-DMARK=\"{mark}\"", "-o", library, Path.Combine(AppContext.BaseDirectory, "Hostile", "loaded.c"));
        Assert.True(built.ExitCode == 0, built.ToString());
        ProgramRun shown = await ProgramRun.OfAsync(new ProcessStartInfo("true") { Environment = { ["LD_PRELOAD"] = library } });
        Assert.True(shown.ExitCode == 0 && File.Exists(mark), shown.ToString());
        File.Delete(mark);
        return await File.ReadAllBytesAsync(library, Cancellation);
    }

    private async Task InstallAsync(Container container, string path, byte[] content) => await _client.ExecAsync(
        new ExecRequest { Container = container.Id, Command = { "sh", "-c", $"cat >{path}; chmod 755 {path}" }, Stdin = ByteString.CopyFrom(content) }, cancellationToken: Cancellation);

    /// <summary>What the race makes impossible is refused in words; it never is an error of our own.</summary>
    private static async Task<int> Try(Func<Task> copy)
    {
        try
        {
            await copy();
            return 1;
        }
        catch (RpcException e)
        {
            Assert.NotEqual(StatusCode.Internal, e.StatusCode);
            Assert.NotEqual(StatusCode.Unknown, e.StatusCode);
            return 0;
        }
    }
}
