using Quilt.Core;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    /// <summary>Gives it a volume, at once where it runs, and at each of its starts.</summary>
    /// <param name="volume">Its name or id.</param>
    /// <param name="path">Absolute, in the container; made where it is missing.</param>
    /// <returns>Where it is, links resolved.</returns>
    /// <exception cref="QuiltException">Not found; already exists: something is mounted there.</exception>
    public async Task<string> AttachVolumeAsync(string volume, string path, bool readOnly = false, CancellationToken cancellationToken = default) =>
        (await ToolAsync("attachVolume", new AttachRequest(Id, volume, path, readOnly), ClientJson.Default.AttachRequest, ClientJson.Default.MountAnswer, cancellationToken).ConfigureAwait(false)).Path;

    /// <summary>Takes a volume away from it; what is in that stays.</summary>
    /// <param name="path">Where, if it has the volume at several paths.</param>
    /// <param name="force">Also where processes use it: they go on with what they have open.</param>
    /// <exception cref="QuiltException">Not found; failed precondition: it is in use, and by which processes.</exception>
    public Task DetachVolumeAsync(string volume, string? path = null, bool force = false, CancellationToken cancellationToken = default) =>
        ToolAsync("detachVolume", new DetachRequest(Id, volume, force) { Path = path }, ClientJson.Default.DetachRequest, ClientJson.Default.MountAnswer, cancellationToken);
}
