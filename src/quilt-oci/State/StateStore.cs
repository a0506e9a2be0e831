using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>The runtime's folder with one folder for each container. Below /run: it is to be gone after a crash of the machine, as the containers are.</summary>
internal sealed class StateStore(string root)
{
    private const int MaxIdLength = 1024;
    private const uint OwnerOnly = 0x1C0;

    /// <summary>Compiled system call filters; no container can have this name.</summary>
    internal string SeccompFolder => $"{root}/@seccomp";

    /// <summary>The folder of a container; the id is checked, so that it is never a path.</summary>
    internal string Folder(string id)
    {
        bool valid = id.Length is > 0 and <= MaxIdLength && id is not ("." or "..");
        foreach (char c in id)
        {
            valid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+';
        }

        return valid
            ? $"{root}/{id}"
            : throw QuiltException.Invalid("container-id", $"'{id}' is not a container id", "use letters, digits, '_', '-', '.' and '+'");
    }

    internal string StartSocket(string id) => Folder(id) + "/start.sock";

    /// <summary>The configuration as it was when the container was created: what is written into the bundle later does not change it.</summary>
    internal string Config(string id) => Folder(id) + "/config.json";

    /// <summary>Makes the container's folder; of two that try at once one wins.</summary>
    internal void Claim(string id)
    {
        string folder = Folder(id);
        bool made;
        try
        {
            made = Sys.TryMakeDirectory(folder, OwnerOnly);
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            Directory.CreateDirectory(root, (UnixFileMode)OwnerOnly);
            made = Sys.TryMakeDirectory(folder, OwnerOnly);
        }

        if (!made)
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"a container with id '{id}' exists", "use another id, or delete that container", "container-id");
        }
    }

    /// <summary>Keeps what is known of a container in the making, for nobody to see: not before its root is its own may anyone join it.</summary>
    internal void Prepare(ContainerRecord record, ReadOnlySpan<byte> config)
    {
        Sys.CreateFile(Config(record.Id), config);
        Sys.CreateFile(Prepared(record.Id), record.ToJson());
    }

    /// <summary>From now on the container is there.</summary>
    internal void Publish(string id) => Sys.Rename(Prepared(id), State(id));

    private string State(string id) => Folder(id) + "/state.json";

    private string Prepared(string id) => Folder(id) + "/creating.json";

    internal ContainerRecord Load(string id) => TryLoad(id)
        ?? throw new QuiltException(ErrorCode.NotFound, $"container '{id}' does not exist", "'list' names those that do", "container-id");

    /// <exception cref="QuiltException"><see cref="ErrorCode.Internal"/>: it is damaged.</exception>
    internal ContainerRecord? TryLoad(string id) => TryLoad(id, State(id));

    /// <summary>Whether it was made to its end, and what is known of it can be read.</summary>
    internal bool IsWhole(string id)
    {
        try
        {
            return TryLoad(id) is not null;
        }
        catch (QuiltException e) when (e.Code == ErrorCode.Internal)
        {
            return false;
        }
    }

    /// <summary>Of a container in the making, or of one whose making was interrupted.</summary>
    internal ContainerRecord? TryLoadPrepared(string id) => TryLoad(id, Prepared(id));

    private static ContainerRecord? TryLoad(string id, string file)
    {
        try
        {
            return Sys.TryReadFile(file) is { } content ? ContainerRecord.FromJson(content) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new QuiltException(ErrorCode.Internal, $"the state of container '{id}' is damaged", "'delete --force' removes it", "container-id");
        }
    }

    /// <summary>Removes a container's folder; every file in it is one of those made here.</summary>
    internal void Remove(string id)
    {
        string folder = Folder(id);
        Sys.RemoveFile(State(id));
        Sys.RemoveFile(StartSocket(id));
        Sys.RemoveFile(Config(id));
        if (!Sys.TryRemoveDirectory(folder, out Errno errno))
        {
            // Something that an interrupted write has left.
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="damaged">Is told of those that cannot be read; the others are no worse for them.</param>
    internal IEnumerable<ContainerRecord> All(Action<QuiltException> damaged)
    {
        foreach (string folder in Directory.Exists(root) ? Directory.EnumerateDirectories(root) : [])
        {
            ContainerRecord? record = null;
            try
            {
                record = Path.GetFileName(folder) is ['@', ..] ? null : TryLoad(Path.GetFileName(folder));
            }
            catch (QuiltException e)
            {
                damaged(e);
            }

            if (record is not null)
            {
                yield return record;
            }
        }
    }
}
