using System.Security.Cryptography;
using System.Text;
using Quilt.Build;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>The files of a build's context, as a folder: one of our own, gone with the build, or one of the host's that the grant has.</summary>
internal sealed class ContextFolder : IDisposable
{
    private const string UsualName = "Dockerfile";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const long LongestDockerfile = 1 << 20;
    private readonly string? _own;
    private readonly FileDescriptor? _opened;

    private ContextFolder(string? own, FileDescriptor? opened, BuildContext? files, string name, byte[] dockerfile) =>
        (_own, _opened, Files, DockerfileName, Dockerfile) = (own, opened, files, name, dockerfile);

    /// <summary>Null: the build has none.</summary>
    internal BuildContext? Files { get; }
    internal string DockerfileName { get; }
    internal ReadOnlyMemory<byte> Dockerfile { get; }

    /// <summary>What a daemon left that ended while it built.</summary>
    internal static void RemoveAbandoned(string parent)
    {
        if (Directory.Exists(parent))
        {
            Directory.Delete(parent, recursive: true);
        }

        Directory.CreateDirectory(parent, OwnerOnly);
    }

    /// <exception cref="QuiltException">InvalidArgument: no Dockerfile, no context, or a damaged archive; NotFound; PermissionDenied. Nothing is left.</exception>
    internal static async Task<ContextFolder> MakeAsync(string parent, Caller caller, BuildImageArguments arguments, TransferFiles transfers, ImageStore store, CancellationToken cancellation)
    {
        if (arguments is { Dockerfile: not null, DockerfileText: not null })
        {
            throw QuiltException.Invalid("dockerfile", "the Dockerfile is given twice", "give dockerfile, its name in the context, or dockerfileText");
        }

        BuildContextArguments given = arguments.Context ?? new BuildContextArguments();
        if (((object?[])[given.Files, given.Upload, given.Archive, given.Path]).Count(g => g is not null) > 1)
        {
            throw QuiltException.Invalid("context", "the context is given in more than one way", "give files, upload, archive or path");
        }

        string? own = null;
        FileDescriptor? opened = null;
        try
        {
            string? folder;
            if (given.Path is not null)
            {
                opened = HostFile.OpenFolder(caller.Agent, given.Path, "context.path");

                // By the folder that was looked at: its path may lead elsewhere by the time it is read.
                folder = $"/proc/self/fd/{opened.Number}";
            }
            else
            {
                folder = own = given is { Files: null, Upload: null, Archive: null } ? null : MakeFolder(parent);
                if (given.Files is not null)
                {
                    Write(given.Files, own!);
                }
                else if (own is not null)
                {
                    ArchiveArguments archive = new() { Upload = given.Upload, Content = given.Archive };
                    await using Stream content = archive.Open(caller, transfers, "context");
                    await store.UnpackAsync(content, own, cancellation).ConfigureAwait(false);
                }
            }

            string name = arguments.Dockerfile ?? UsualName;
            byte[] dockerfile = arguments.DockerfileText is { } text ? Encoding.UTF8.GetBytes(text)
                : folder is not null ? Read(folder, name)
                : throw QuiltException.Invalid("context", "there is neither a context nor a Dockerfile", "give dockerfileText, or a context with a Dockerfile in it");
            return new ContextFolder(own, opened, folder is null ? null : new BuildContext.Folder(folder), name, dockerfile);
        }
        catch
        {
            Remove(own);
            opened?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _opened?.Dispose();
        Remove(_own);
    }

    private static string MakeFolder(string parent) =>
        Directory.CreateDirectory(Path.Combine(parent, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))), OwnerOnly).FullName;

    private static void Remove(string? folder)
    {
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(IReadOnlyDictionary<string, string> files, string folder)
    {
        foreach ((string path, string text) in files)
        {
            string[] names = path.Split('/');
            if (path.Contains('\0', StringComparison.Ordinal) || names.Any(n => n is "" or "." or ".."))
            {
                throw QuiltException.Invalid("context.files", $"'{path}' is no path in a context", "give relative paths without '.' and '..', such as app/main.py");
            }

            string target = Path.Combine([folder, .. names]);
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllText(target, text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw QuiltException.Invalid("context.files", $"'{path}' cannot be made beside the others", "give each path once, and none that is another's folder");
            }
        }
    }

    /// <summary>Links in it lead nowhere else.</summary>
    private static byte[] Read(string folder, string name)
    {
        using ImageTree tree = ImageTree.Open([folder]);
        using ImageTreeNode file = tree.TryFind(name) is { Kind: FileKind.Regular } found
            ? found
            : throw QuiltException.Invalid("dockerfile", $"there is no file '{name}' in the context", "give its name in the context, or dockerfileText");
        if (file.Status.SizeBytes > LongestDockerfile)
        {
            throw QuiltException.Invalid("dockerfile", $"'{name}' has {file.Status.SizeBytes} bytes", $"a Dockerfile has at most {LongestDockerfile}");
        }

        using Stream content = file.OpenRead();
        byte[] bytes = new byte[file.Status.SizeBytes];
        content.ReadExactly(bytes);
        return bytes;
    }
}
