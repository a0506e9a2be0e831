using System.Text;
using Quilt.Build;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int LongestChange = 64 << 10;
    private static readonly string[] SettingInstructions = ["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];

    /// <summary>Makes an image of a root filesystem's archive, of one layer.</summary>
    /// <param name="changes">See <see cref="NewCommit.Changes"/>.</param>
    /// <exception cref="QuiltException">InvalidArgument: the archive is damaged or hostile, or a change is none. Nothing is left.</exception>
    public async Task<StoredImage> ImportAsync(Stream archive, ImageReference reference, IReadOnlyList<string> changes, string? message, CancellationToken cancellation)
    {
        RequireSettings(changes);
        ImageDocument document = new() { Created = DateTimeOffset.UtcNow, Os = PlatformName.Machine.Os, Architecture = PlatformName.Machine.Architecture, Config = new ImageDocumentConfig() };
        StoredImage plain = await Images.ImportAsync(changes.Count == 0 ? reference : null, archive, document, message ?? "", cancellation).ConfigureAwait(false);
        return await ChangedAsync(plain, changes, reference, cancellation).ConfigureAwait(false);
    }

    /// <summary>Changes an image's settings as a Dockerfile on top of it would, but for its triggers, and names it. Without changes it has its name already.</summary>
    private async Task<StoredImage> ChangedAsync(StoredImage plain, IReadOnlyList<string> changes, ImageReference reference, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return plain;
        }

        try
        {
            BuildRequest request = new() { Dockerfile = Encoding.UTF8.GetBytes($"FROM {plain.Reference}\n{string.Join('\n', changes)}\n"), DockerfileName = "changes", Tags = [reference], KeepsTriggers = true };
            StepPlacement none = new("", ContainerOwner.Operator, "", ContainerLimits.Default, [], (_, _) => throw new InvalidOperationException("settings run nothing"));
            return await BuildAsync(none, new OneImage(Images, plain), request, _ => { }, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await ForgetAsync(plain).ConfigureAwait(false);
        }
    }

    private async Task ForgetAsync(StoredImage plain)
    {
        try
        {
            await Images.RemoveAsync(plain.Reference, UsedImages, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            // Who prunes was faster.
        }
    }

    private static void RequireSettings(IReadOnlyList<string> changes)
    {
        foreach (string change in changes)
        {
            string keyword = change.TrimStart().Split(' ', '\t')[0];
            if (change.AsSpan().ContainsAny('\n', '\r') || change.Length > LongestChange || !SettingInstructions.Contains(keyword, StringComparer.OrdinalIgnoreCase))
            {
                throw QuiltException.Invalid("changes", $"'{Text.Printable(change)}' changes no setting", $"give one instruction on one line, of {string.Join(", ", SettingInstructions)}");
            }
        }
    }

    private sealed class OneImage(ImageStore store, StoredImage image) : IBaseImages
    {
        public Task<StoredImage> FindAsync(ImageReference reference, Platform platform, ImageLease lease, CancellationToken cancellation) =>
            Task.FromResult(store.TryFind(image.Reference, lease) ?? throw new QuiltException(ErrorCode.Aborted, "the image was removed as soon as it was there", "make it again"));
    }
}
