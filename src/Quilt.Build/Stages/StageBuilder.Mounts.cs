using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    private const uint SecretMode = 0x100, SocketMode = 0x180, CacheMode = 0x1ED; // 0400, 0600, 0755
    private const string SecretFolder = "/run/secrets/", SshFolder = "/run/buildkit/ssh_agent.";

    /// <summary>Adds one mount of a RUN, and what of it the outcome depends on to the key.</summary>
    private async Task AddMountAsync(
        MountOption option, Expander expander, StepMounts mounts, Dictionary<string, string> secrets, CacheKey key, CancellationToken cancellation)
    {
        MountValues values = new(option, expander);
        key.Add(option.Kind.ToString()).Add([.. option.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={values.Text(v.Key)}")]);
        string? target = values.Path("target") is { } path ? SlashPath.Join(Config.WorkingDir ?? "/", path) : null;
        if (target == "/")
        {
            throw values.Error("target", "is the root", "mount on a folder below it");
        }

        switch (option.Kind)
        {
            case MountKind.Bind:
                await AddBindAsync(values, target!, mounts, key, cancellation).ConfigureAwait(false);
                break;
            case MountKind.Cache:
                await AddCacheAsync(values, target!, mounts, cancellation).ConfigureAwait(false);
                break;
            case MountKind.Tmpfs:
                mounts.Add(new StepMount.Tmpfs(target!, values.Text("size") is { } size
                    ? ByteSize.TryParse(size, out ByteSize bytes) && bytes.Bytes > 0 ? bytes.Bytes : throw values.Error("size", "is no size", "give bytes or a number with a unit, such as 64m")
                    : null));
                break;
            case MountKind.Secret:
                AddSecret(values, target, mounts, secrets);
                break;
            default:
                AddSsh(values, target, mounts, secrets);
                break;
        }
    }

    private async Task AddBindAsync(MountValues values, string target, StepMounts mounts, CacheKey key, CancellationToken cancellation)
    {
        bool isReadOnly = !values.Flag("readwrite") || values.Flag("readonly");
        string source = values.Path("source") ?? "/";
        TreeSource files = await SourceOfAsync(values.Option.From, values.Origin, cancellation).ConfigureAwait(false);
        using (files)
        {
            key.Add(await Task.Run(() => ContentOf(values, files, source, cancellation), cancellation).ConfigureAwait(false));
        }

        mounts.Add(stop => Task.Run<StepMount>(
            () =>
            {
                using TreeSource again = files.Reopen();
                using ImageTreeNode node = again.Tree.TryFind(source) ?? throw values.Error("source", "is not there", "give a path in what 'from' names, or in the build's context");
                return new StepMount.Bind(target, HostPathOf(again, node, isReadOnly, stop), isReadOnly);
            },
            stop));
    }

    /// <summary>What a mount shows, hashed: all of it but times.</summary>
    private static string ContentOf(MountValues values, TreeSource files, string source, CancellationToken cancellation)
    {
        LayerLayout layout = new(below: null, owner: null, permissions: null, default);
        return new TreeCopy(layout, files, IgnoreFile.Nothing, cancellation).TryCopy(source, "/mount")
            ? Convert.ToHexStringLower(Hash(layout, cancellation))
            : throw values.Error("source", "is not there, or ignored", "give a path in what 'from' names, or in the build's context");
    }

    /// <summary>Where a mount can be bound from: the place itself where one layer has all of it, otherwise a copy.</summary>
    private string HostPathOf(TreeSource files, ImageTreeNode node, bool isReadOnly, CancellationToken cancellation)
    {
        if (isReadOnly && files.Folders.Count == 1 && files.Ignored.IsEmpty && !files.BelongsToRoot)
        {
            return Path.Combine(files.Folders[0], node.Path);
        }

        string folder = _session.NewFolder();
        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        if (node.Kind == FileKind.Folder)
        {
            TreeWriter.WriteChildren(files, node, opened, cancellation);
            return folder;
        }

        TreeWriter.Write(files, node, opened, node.Name, cancellation);
        return Path.Combine(folder, node.Name);
    }

    private async Task AddCacheAsync(MountValues values, string target, StepMounts mounts, CancellationToken cancellation)
    {
        string id = values.Text("id") is { Length: > 0 } given ? given : target;
        CacheSharing sharing = values.Text("sharing") switch
        {
            null or "shared" => CacheSharing.Shared,
            "private" => CacheSharing.Private,
            "locked" => CacheSharing.Locked,
            _ => throw values.Error("sharing", "is no way to share a cache", "give shared, private or locked"),
        };
        (uint mode, uint uid, uint gid) = (values.Mode(CacheMode), values.Id("uid"), values.Id("gid"));

        // Its stage or image is waited for here, before any cache is held that they may need.
        using TreeSource? files = values.Option.From is null ? null : await SourceOfAsync(values.Option.From, values.Origin, cancellation).ConfigureAwait(false);
        string source = values.Path("source") ?? "/";
        mounts.Add(new PlannedCache(target, $"{_session.Request.CacheScope}\0{id}", sharing, values.Flag("readonly"), folder =>
        {
            using TreeSource? again = files?.Reopen();
            using ImageTreeNode? node = again?.Tree.TryFind(source);
            if (node is { Kind: FileKind.Folder })
            {
                TreeWriter.WriteChildren(again!, node, folder, cancellation);
            }
            else if (again is not null)
            {
                throw values.Error("source", "is no folder there", "give a folder in what 'from' names");
            }

            Sys.SetOwner(folder, uid, gid);
            Sys.SetPermissions(folder, mode);
        }));
    }

    private void AddSecret(MountValues values, string? target, StepMounts mounts, Dictionary<string, string> secrets)
    {
        string id = values.Text("id") is { Length: > 0 } given ? given : target is not null ? SlashPath.Name(target) : throw values.Error(null, "has neither id nor target", "add id=NAME");
        if (!_session.Request.Secrets.TryGetValue(id, out ReadOnlyMemory<byte> content))
        {
            if (values.Flag("required"))
            {
                throw values.Error("id", "is no secret of this build", "give the build a secret of that name, or leave 'required' out");
            }

            return;
        }

        string? variable = values.Text("env");
        if (variable is not null)
        {
            if (!IsVariable().IsMatch(variable))
            {
                throw values.Error("env", "is no variable's name", "give letters, digits and '_', not beginning with a digit");
            }

            secrets[variable] = Encoding.UTF8.GetString(content.Span);
        }

        // Given as a variable, it is a file only where a target says so.
        if (variable is null || target is not null)
        {
            mounts.Add(new StepMount.Content(target ?? SlashPath.Join(SecretFolder, id), content, values.Mode(SecretMode), values.Id("uid"), values.Id("gid")));
        }
    }

    private void AddSsh(MountValues values, string? target, StepMounts mounts, Dictionary<string, string> environment)
    {
        string id = values.Text("id") is { Length: > 0 } given ? given : "default";
        if (!_session.Request.SshSockets.TryGetValue(id, out string? socket))
        {
            if (values.Flag("required"))
            {
                throw values.Error("id", "is no ssh agent of this build", "give the build one, or leave 'required' out");
            }

            return;
        }

        string place = target ?? string.Create(CultureInfo.InvariantCulture, $"{SshFolder}{environment.Count(e => e.Key == "SSH_AUTH_SOCK")}");
        environment.TryAdd("SSH_AUTH_SOCK", place);
        mounts.Add(new StepMount.Socket(place, socket, values.Mode(SocketMode), values.Id("uid"), values.Id("gid")));
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex IsVariable();
}
