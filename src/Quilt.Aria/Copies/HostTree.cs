using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>A place of the host that an agent copies from or to. What its grant was asked for is held open, and nothing but that is looked at.</summary>
internal sealed class HostTree : IDisposable
{
    private readonly LiveRoot _root;
    private readonly FileDescriptor _place;
    private readonly string _name;

    private HostTree(FileDescriptor place, string name) => (_root, _place, _name) = (new LiveRoot(place), place, name);

    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static HostTree OpenToRead(Agent agent, string path, string field)
    {
        return new HostTree(HostFile.OpenPlace(agent, path, field, readOnly: true), PathEnd.NameOf(path));
    }

    /// <summary>A folder that is there, or a name in one: the folder that it comes into has to be granted.</summary>
    /// <exception cref="QuiltException">As <see cref="OpenToRead"/>; PermissionDenied also where the grant is for reading alone.</exception>
    internal static HostTree OpenToWrite(Agent agent, string path, string field)
    {
        if (HostFile.TryOpenFolder(agent, path, field, readOnly: false) is { } there)
        {
            return new HostTree(there, PathEnd.Inside);
        }

        (string folder, string name) = PathEnd.Split(path);
        return new HostTree(HostFile.OpenFolder(agent, folder, field, readOnly: false), name);
    }

    /// <summary>Writes an archive of it.</summary>
    internal Task<CopyReport> PackAsync(Stream to, CancellationToken cancellation) =>
        FileThread.RunAsync(null, () => new RootReader(_root, null, cancellation).Pack(_place, _name, to));

    /// <summary>Takes an archive in. Owners, set-id bits and capabilities stay behind: a container made them up.</summary>
    internal Task<CopyReport> UnpackAsync(Stream archive, CancellationToken cancellation) => FileThread.RunAsync(null, () =>
    {
        using RootWriter writer = new(_root, new CopyInOptions { Placing = CopyPlacing.As, KeepPrivileges = false }, null, cancellation);
        return writer.Unpack(archive, _name);
    });

    public void Dispose() => _root.Dispose();
}
