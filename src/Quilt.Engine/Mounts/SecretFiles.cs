using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What a secret of a container holds now.</summary>
/// <exception cref="QuiltException">It is not there, or not for whoever has the container.</exception>
public delegate byte[] SecretReader(ContainerRecord of, string name);

/// <summary>The secrets of a container: files in memory that are mounted in it alone, and go with its mounts.</summary>
public static class SecretFiles
{
    public const string Folder = "/run/secrets";

    // For every user of the container, who cannot change them.
    private const uint Readable = 0x124; // 0444

    /// <summary>Whether a container's have a place for themselves: nothing else can be mounted there, or below.</summary>
    internal static bool Take(ContainerSpec spec, string path) => spec.Secrets.Count > 0 && PathText.IsWithin(path, Folder);

    /// <returns>A detached mount, whose files are those of the container's root.</returns>
    internal static FileDescriptor Mount(ContainerRecord of, SecretReader read)
    {
        using FileDescriptor context = Sys.FsOpen("tmpfs");
        string owner = of.HostIdBase.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach ((string key, string value) in ((string, string)[])[("mode", "0755"), ("uid", owner), ("gid", owner)])
        {
            Sys.FsConfig(context, key, value);
        }

        KeepInMemory(context);
        FileDescriptor mount = Sys.FsCreateAndMount(context, MountAttribute.NoSuid | MountAttribute.NoDev | MountAttribute.NoExec, "secrets");
        try
        {
            foreach (string name in of.Spec.Secrets)
            {
                using FileDescriptor file = Sys.OpenAt(mount, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive);
                Sys.WriteAll(file, read(of, name), name);
                Sys.SetOwner(file, of.HostIdBase, of.HostIdBase);
                Sys.SetPermissions(file, Readable);
            }

            Sys.MountSetAttributes(mount, MountAttribute.ReadOnly, 0, MountAttribute.Private);
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    /// <summary>Out of the host's swap (tmpfs(5), <c>noswap</c>), where the kernel can: since 6.4.</summary>
    private static void KeepInMemory(FileDescriptor context)
    {
        try
        {
            Sys.FsConfig(context, "noswap", null);
        }
        catch (SyscallException e) when (e.Errno == Errno.EINVAL)
        {
            // An older one: docs/security.md says so.
        }
    }
}
