using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A container that changes everything under a copy's hands (CVE-2018-15664 and its like): no file of the host's is read or written.</summary>
public sealed class HostileCopyTests(DaemonFixture fixture)
{
    private const int Copies = 300;
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

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
        string racer = $"i=0; while [ ! -e /end ]; do mv /race/a /race/b 2>/dev/null; ln -s {up}{target[1..]} /race/a; rm -rf /race/a; mv /race/b /race/a; mv /race/a/x /race/a/y; ln -s {target} /race/a/x; rm /race/a/x; mv /race/a/y /race/a/x; i=$((i+1)); done; echo $i > /count";
        ExecResponse racing = await _client.ExecAsync(new ExecRequest { Container = container.Id, Command = { "sh", "-c", racer }, Background = true }, cancellationToken: Cancellation);
        string upload = "";
        int written = 0, read = 0;
        byte[] archive = TarText.Of(t => t.Add("x/").Add("x/planted", "by the copy").Add("x/more/").Add("x/more/planted", "by the copy"));
        for (int i = 0; i < Copies; i++)
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
        TestContext.Current.TestOutputHelper?.WriteLine($"{exchanges} exchanges; {written} of {2 * Copies} copies in and {read} of {2 * Copies} out went through");
        Assert.True(exchanges >= 1000, $"{exchanges} exchanges");
        Assert.True(written > 0 && read > 0);
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
        Assert.Equal("of the host", await File.ReadAllTextAsync(Path.Combine(target, "secret"), Cancellation));
        await _client.Remove(container.Id);
        Assert.NotEmpty(racing.ExecId);
    }

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
