using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>The runtime's folder with one folder for each container.</summary>
internal sealed class StateStore(string root)
{
    private const int MaxIdLength = 1024;

    /// <summary>The folder of a container; the id is checked, so that it is never a path.</summary>
    internal string Folder(string id)
    {
        bool valid = id.Length is > 0 and <= MaxIdLength && id is not ("." or "..")
            && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+');
        return valid
            ? Path.Combine(root, id)
            : throw QuiltException.Invalid("container-id", $"'{id}' is not a container id", "use letters, digits, '_', '-', '.' and '+'");
    }

    internal string StartSocket(string id) => Path.Combine(Folder(id), "start.sock");

    /// <summary>Makes the container's folder; of two that try at once one wins.</summary>
    internal void Claim(string id)
    {
        string folder = Folder(id);
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!Sys.TryMakeDirectory(folder, 0x1C0))
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"a container with id '{id}' exists", "use another id, or delete that container", "container-id");
        }
    }

    internal void Save(ContainerRecord record)
    {
        string path = Path.Combine(Folder(record.Id), "state.json"), fresh = path + ".new";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(record, RuntimeJson.Default.ContainerRecord));
        File.Move(fresh, path, overwrite: true);
    }

    internal ContainerRecord Load(string id) => TryLoad(id)
        ?? throw new QuiltException(ErrorCode.NotFound, $"container '{id}' does not exist", "'list' names those that do", "container-id");

    internal ContainerRecord? TryLoad(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Folder(id), "state.json")), RuntimeJson.Default.ContainerRecord);
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal void Remove(string id)
    {
        string folder = Folder(id);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal IEnumerable<ContainerRecord> All() => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root).Select(f => TryLoad(Path.GetFileName(f))).OfType<ContainerRecord>()
        : [];
}
