using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Images;
using Quilt.Testing;

namespace Quilt.Build.Tests.Fixtures;

/// <summary>Debian's buildah with storage of its own, which knows one image: <c>base</c>, the store's busybox. It never asks a registry.</summary>
public sealed class Buildah : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        string layout = _folder["base"];
        Directory.CreateDirectory(Path.Combine(layout, "blobs/sha256"));
        await File.WriteAllTextAsync(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        Descriptor config = await WriteAsync(layout, MediaTypes.Config, WithHistory(build));
        Descriptor layer = Assert.Single(build.Store.ManifestOf(build.Busybox).Layers!);
        Descriptor manifest = await WriteAsync(layout, MediaTypes.Manifest, JsonSerializer.SerializeToUtf8Bytes(
            new ImageManifest { MediaType = MediaTypes.Manifest, Config = config, Layers = [layer] }, ImageJson.Default.ImageManifest));
        await using (FileStream from = build.Store.Blobs.OpenRead(layer.Digest))
        await using (FileStream to = File.Create(Path.Combine(layout, "blobs/sha256", layer.Digest.Hex)))
        {
            await from.CopyToAsync(to);
        }

        await File.WriteAllTextAsync(
            Path.Combine(layout, "index.json"),
            $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{manifest.MediaType}}","digest":"{{manifest.Digest}}","size":{{manifest.Size}} }]}""");
        // The layout's path becomes the image's name: a relative one is a good one.
        Run("pull", "--quiet", "oci:base");
    }

    /// <summary>Builds a context, and hands its files and its configuration to a check.</summary>
    internal void Build(string dockerfile, string context, IEnumerable<string> arguments, Action<string, JsonNode> check)
    {
        // chroot isolation needs no runtime; docker's format keeps what OCI has no place for.
        string id = Run(["bud", "--isolation", "chroot", "--format", "docker", "--pull-never", "--quiet", "--layers=false", "-f", dockerfile, .. arguments, context]).Trim();
        string container = Run("from", "--pull-never", id).Trim();
        try
        {
            JsonNode inspected = JsonNode.Parse(Run("inspect", "--type", "image", id))!;
            check(Run("mount", container).Trim(), inspected["Docker"]!);
        }
        finally
        {
            Run("umount", container);
            Run("rm", container);
            Run("rmi", "--force", id);
        }
    }

    public ValueTask DisposeAsync()
    {
        Run("rm", "--all");
        Run("rmi", "--all", "--force");
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>buildah counts on a history entry for each layer.</summary>
    private static byte[] WithHistory(TestBuild build) => JsonSerializer.SerializeToUtf8Bytes(
        build.Busybox.Document with { History = [new ImageHistory { CreatedBy = "busybox" }] }, ImageJson.Default.ImageDocument);

    private static async Task<Descriptor> WriteAsync(string layout, string type, byte[] content)
    {
        Descriptor descriptor = Descriptor.Of(type, content);
        await File.WriteAllBytesAsync(Path.Combine(layout, "blobs/sha256", descriptor.Digest.Hex), content);
        return descriptor;
    }

    private string Run(params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new("buildah", ["--root", _folder["root"], "--runroot", _folder["run"], "--storage-driver", "overlay", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"buildah {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }
}
