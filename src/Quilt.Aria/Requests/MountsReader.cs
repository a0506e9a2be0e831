using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>What a container is to have mounted: checked, and looked up among what the caller may use.</summary>
internal static class MountsReader
{
    private const int MostSecrets = 64;

    internal const string Memory = "tmpfs", Volume = "volume", HostPath = "bind";

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static IReadOnlyList<TmpfsMount> Tmpfs(IReadOnlyList<MountArguments> mounts)
    {
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (MountArguments mount in mounts)
        {
            CheckFields(mount);
            if (!paths.Add(PathOf(mount)))
            {
                throw QuiltException.Invalid("mounts.path", $"two mounts are to be at '{mount.Path}'", "give each a path of its own");
            }
        }

        return [.. mounts.Where(m => m.Type == Memory).Select(Tmpfs)];
    }

    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    internal static IReadOnlyList<VolumeMount> Volumes(Caller caller, IReadOnlyList<MountArguments> mounts) =>
        [.. mounts.Where(m => m.Type == Volume).Select(m => new VolumeMount(caller.Volume(m.Volume!, "mounts.volume").Id, PathOf(m), m.ReadOnly))];

    /// <exception cref="QuiltException">NotFound; PermissionDenied: the grant has no such path.</exception>
    internal static IReadOnlyList<HostMount> HostPaths(Agent agent, IReadOnlyList<MountArguments> mounts) =>
        [.. mounts.Where(m => m.Type == HostPath).Select(m => new HostMount(HostFile.Mountable(agent, m.Source!, m.ReadOnly, "mounts.source"), PathOf(m), m.ReadOnly))];

    /// <summary>Names, each once, where no mount is in the way of their files.</summary>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static IReadOnlyList<string> Secrets(IReadOnlyList<string> names, IReadOnlyList<MountArguments> mounts)
    {
        string[] secrets = [.. names.Distinct(StringComparer.Ordinal)];
        if (secrets.Length > MostSecrets)
        {
            throw QuiltException.Invalid("secrets", $"{secrets.Length} secrets are too many", $"give at most {MostSecrets}");
        }

        return secrets.Length == 0 || mounts.FirstOrDefault(m => PathText.IsWithin(PathOf(m), SecretFiles.Folder)) is not { } within
            ? secrets
            : throw QuiltException.Invalid("mounts.path", $"a mount is to be at '{within.Path}', where the secrets are", $"give another path than {SecretFiles.Folder} and those below it");
    }

    /// <summary>Absolute, below the root, and nothing to resolve in it but what links make of it.</summary>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static string Place(string field, string? text)
    {
        string path = ProcessFields.AbsolutePath(field, text) ?? throw QuiltException.Invalid(field, "no path is given", "give an absolute path in the container");
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names is ["proc" or "sys", ..] or ["dev"])
        {
            throw QuiltException.Invalid(field, $"nothing can be mounted at '{path}': /{names[0]} is the container's own", "give a path outside of /proc and /sys, and below /dev if there");
        }

        return names.Length > 0 && !names.Any(n => n is "." or "..")
            ? "/" + string.Join('/', names)
            : throw QuiltException.Invalid(field, $"nothing can be mounted at '{path}'", "give an absolute path below the root, without '..'");
    }

    private static string PathOf(MountArguments mount) => Place("mounts.path", mount.Path);

    private static TmpfsMount Tmpfs(MountArguments tmpfs) => tmpfs.Size is not { Bytes: < 0 }
        ? new TmpfsMount(PathOf(tmpfs), tmpfs.Size?.Bytes ?? 0)
        : throw QuiltException.Invalid("mounts.size", $"size {tmpfs.Size} is negative", "give bytes, or 0 for no limit but the container's memory");

    /// <summary>What belongs to another type says that something else was meant.</summary>
    private static void CheckFields(MountArguments mount)
    {
        (string field, bool given, string type)[] fields = [("volume", mount.Volume is not null, Volume), ("source", mount.Source is not null, HostPath), ("size", mount.Size is not null, Memory)];
        foreach ((string field, bool given, string type) in fields)
        {
            if (given && mount.Type != type)
            {
                throw QuiltException.Invalid($"mounts.{field}", $"a mount of type {mount.Type} has no {field}", $"leave it out, or give type {type}");
            }

            if (!given && mount.Type == type && field != "size")
            {
                throw QuiltException.Invalid($"mounts.{field}", $"the mount at '{mount.Path}' is of type {type} and names no {field}", field == "volume" ? "give the volume's name or id" : "give an absolute path of the host");
            }
        }

        if (mount.ReadOnly && mount.Type == Memory)
        {
            throw QuiltException.Invalid("mounts.readOnly", "a tmpfs that is read-only stays empty", "leave readOnly out");
        }
    }
}
