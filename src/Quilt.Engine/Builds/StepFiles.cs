using System.Globalization;
using System.Security.Cryptography;
using Quilt.Build;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>The small files and sockets that a step is given, in memory: secrets are on no disk. Gone when the step has ended.</summary>
internal sealed class StepFiles : IDisposable
{
    private readonly string? _folder;
    private readonly List<(string Path, uint Uid, uint Gid)> _owners = [];
    private readonly List<SocketRelay> _relays = [];
    private readonly List<BindMount> _binds = [];

    private StepFiles(string? folder) => _folder = folder;

    internal IReadOnlyList<BindMount> Binds => _binds;

    /// <exception cref="QuiltException">FailedPrecondition: the host has no file system in memory.</exception>
    internal static StepFiles Make(IReadOnlyList<StepMount> mounts, string runDir, string instance)
    {
        StepMount[] own = [.. mounts.Where(m => m is StepMount.Content or StepMount.Socket)];
        StepFiles files = new(own.Length == 0 ? null : MakeFolder(runDir, instance));
        try
        {
            foreach (StepMount mount in own)
            {
                files.Add(mount);
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Removes what a daemon left that was killed while a step ran.</summary>
    /// <param name="instance">Of its state folder: others of the host use the same memory.</param>
    internal static void RemoveAbandoned(string runDir, string instance)
    {
        foreach (string folder in MemoryFolder.TryFind(runDir) is { } parent ? Directory.EnumerateDirectories(parent, Prefix(instance) + "*") : [])
        {
            FolderRemoval.Remove(folder);
        }
    }

    /// <summary>Gives them to the users of a container.</summary>
    internal void GiveTo(uint hostIdBase)
    {
        if (_folder is null)
        {
            return;
        }

        using FileDescriptor folder = Sys.Open(_folder, OpenMode.ReadOnly | OpenMode.Directory);
        foreach ((string path, uint uid, uint gid) in _owners)
        {
            Sys.SetOwnerAt(folder, Path.GetFileName(path), hostIdBase + uid, hostIdBase + gid);
        }
    }

    public void Dispose()
    {
        _relays.ForEach(r => r.Dispose());
        if (_folder is not null)
        {
            FolderRemoval.Begin(_folder);
        }
    }

    private void Add(StepMount mount)
    {
        string path = Path.Combine(_folder!, _binds.Count.ToString(CultureInfo.InvariantCulture));
        switch (mount)
        {
            case StepMount.Content content:
                using (FileStream file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                {
                    file.Write(content.Bytes.Span);
                }

                File.SetUnixFileMode(path, (UnixFileMode)content.Permissions);
                _owners.Add((path, content.Uid, content.Gid));
                break;
            case StepMount.Socket socket:
                _relays.Add(SocketRelay.Listen(path, socket.HostSocket));
                File.SetUnixFileMode(path, (UnixFileMode)socket.Permissions);
                _owners.Add((path, socket.Uid, socket.Gid));
                break;
        }

        _binds.Add(new BindMount(path, mount.Target, ReadOnly: mount is StepMount.Content) { IsShifted = true });
    }

    private static string MakeFolder(string runDir, string instance)
    {
        string parent = MemoryFolder.TryFind(runDir)
            ?? throw new QuiltException(ErrorCode.FailedPrecondition, "there is no file system in memory for a step's secrets", $"mount a tmpfs on {MemoryFolder.Usual}, or give quiltd a --run-dir on one");
        string folder = Path.Combine(parent, $"{Prefix(instance)}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Sys.MakeDirectory(folder, 0x1C0); // 0700
        return folder;
    }

    private static string Prefix(string instance) => $"quilt-step-{instance}-";
}
