using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Client;

public sealed partial class QuiltClient
{
    /// <summary>Makes a volume. It is kept until <see cref="RemoveVolumeAsync"/>.</summary>
    /// <param name="name">1 to 63 letters, digits and '-'.</param>
    /// <exception cref="QuiltException">Already exists: the name is taken; resource exhausted: a limit.</exception>
    public Task<VolumeInfo> CreateVolumeAsync(string name, VolumeOptions? options = null, CancellationToken cancellationToken = default) =>
        VolumeAsync("createVolume", NewVolumeRequest.Of(name, options), ClientJson.Default.NewVolumeRequest, cancellationToken);

    /// <summary>Makes a volume of a tar archive, plain or compressed: all of it, or none.</summary>
    /// <param name="archive">Read to its end.</param>
    /// <inheritdoc cref="CreateVolumeAsync"/>
    public async Task<LoadedVolume> LoadVolumeAsync(string name, Stream archive, VolumeOptions? options = null, CancellationToken cancellationToken = default)
    {
        string upload = await UploadAsync(archive, cancellationToken).ConfigureAwait(false);
        NewVolumeRequest request = NewVolumeRequest.Of(name, options) with { Archive = new UploadedArchive(upload) };
        OneVolumeAnswer answer = await CallToolAsync("loadVolume", request, ClientJson.Default.NewVolumeRequest, ClientJson.Default.OneVolumeAnswer, null, cancellationToken).ConfigureAwait(false);
        return new LoadedVolume(answer.Volume.ToInfo(), answer.LeftOut ?? []);
    }

    /// <summary>Writes what is in a volume to a tar archive.</summary>
    /// <param name="volume">Its name or id.</param>
    /// <returns>What is not in the archive, and why: sockets, devices.</returns>
    /// <exception cref="QuiltException">Not found.</exception>
    public async Task<IReadOnlyList<string>> SaveVolumeAsync(string volume, Stream to, CancellationToken cancellationToken = default)
    {
        ArchiveAnswer answer = await CallToolAsync("saveVolume", new VolumeRequest(volume), ClientJson.Default.VolumeRequest, ClientJson.Default.ArchiveAnswer, null, cancellationToken).ConfigureAwait(false);
        await DownloadAsync(answer.DownloadId, to, cancellationToken).ConfigureAwait(false);
        return answer.LeftOut ?? [];
    }

    /// <summary>The caller's volumes.</summary>
    public async Task<IReadOnlyList<VolumeInfo>> ListVolumesAsync(CancellationToken cancellationToken = default) =>
        [.. (await CallToolAsync("listVolumes", ClientJson.Default.VolumesAnswer, cancellationToken).ConfigureAwait(false)).Volumes.Select(v => v.ToInfo())];

    /// <summary>One volume, with how much is in it.</summary>
    /// <param name="volume">Its name or id.</param>
    /// <exception cref="QuiltException">Not found.</exception>
    public Task<VolumeInfo> GetVolumeAsync(string volume, CancellationToken cancellationToken = default) =>
        VolumeAsync("inspectVolume", new VolumeRequest(volume), ClientJson.Default.VolumeRequest, cancellationToken);

    /// <summary>Takes a volume away for good, with all that is in it.</summary>
    /// <param name="volume">Its name or id.</param>
    /// <exception cref="QuiltException">Not found; failed precondition: a container has it, and which.</exception>
    public Task RemoveVolumeAsync(string volume, CancellationToken cancellationToken = default) =>
        VolumeAsync("removeVolume", new VolumeRequest(volume), ClientJson.Default.VolumeRequest, cancellationToken);

    private async Task<VolumeInfo> VolumeAsync<TRequest>(string tool, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellation) =>
        (await CallToolAsync(tool, request, type, ClientJson.Default.OneVolumeAnswer, null, cancellation).ConfigureAwait(false)).Volume.ToInfo();

    private async Task<TResult> CallToolAsync<TResult>(string tool, JsonTypeInfo<TResult> type, CancellationToken cancellation) =>
        (await CallToolAsync(tool, null, null, cancellation).ConfigureAwait(false)).Deserialize(type) ?? throw NoResult(tool);
}
