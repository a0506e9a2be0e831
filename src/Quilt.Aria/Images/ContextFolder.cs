using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>The files of one context of a build, as a folder: one of our own, gone with the build, or one of the host's that the grant has.</summary>
internal sealed class ContextFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly bool _isOwn;
    private readonly FileDescriptor? _opened;

    private ContextFolder(string own) => (Path, _isOwn) = (own, true);

    /// <param name="opened">By the folder that was looked at: its path may lead elsewhere by the time it is read.</param>
    private ContextFolder(FileDescriptor opened) => (Path, _opened) = ($"/proc/self/fd/{opened.Number}", opened);

    internal string Path { get; }

    /// <summary>What a daemon left that ended while it built.</summary>
    internal static void RemoveAbandoned(string parent)
    {
        FolderRemoval.Remove(parent);
        Directory.CreateDirectory(parent, OwnerOnly);
    }

    /// <returns>Null: none is given.</returns>
    /// <exception cref="QuiltException">InvalidArgument: given in two ways, or a damaged archive; NotFound; PermissionDenied. Nothing is left.</exception>
    internal static async Task<ContextFolder?> MakeAsync(string parent, Caller caller, BuildContextArguments given, string field, TransferFiles transfers, ImageStore store, CancellationToken cancellation)
    {
        if (((object?[])[given.Files, given.Upload, given.Archive, given.Path]).Count(g => g is not null) > 1)
        {
            throw QuiltException.Invalid(field, "the context is given in more than one way", "give files, upload, archive or path");
        }

        if (given.Path is not null)
        {
            return new ContextFolder(HostFile.OpenFolder(caller.Agent, given.Path, $"{field}.path"));
        }

        if (given is { Files: null, Upload: null, Archive: null })
        {
            return null;
        }

        ContextFolder own = new(Directory.CreateDirectory(System.IO.Path.Combine(parent, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))), OwnerOnly).FullName);
        try
        {
            if (given.Files is not null)
            {
                own.Write(given.Files, $"{field}.files");
            }
            else
            {
                ArchiveArguments archive = new() { Upload = given.Upload, Content = given.Archive };
                await using Stream content = archive.Open(caller, transfers, field);
                await store.UnpackAsync(content, own.Path, cancellation).ConfigureAwait(false);
            }

            return own;
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _opened?.Dispose();
        if (_isOwn)
        {
            FolderRemoval.Begin(Path);
        }
    }

    private void Write(IReadOnlyDictionary<string, string> files, string field)
    {
        foreach ((string path, string text) in files)
        {
            string[] names = path.Split('/');
            if (path.Contains('\0', StringComparison.Ordinal) || names.Any(n => n is "" or "." or ".."))
            {
                throw QuiltException.Invalid(field, $"'{path}' is no path in a context", "give relative paths without '.' and '..', such as app/main.py");
            }

            string target = System.IO.Path.Combine([Path, .. names]);
            try
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.WriteAllText(target, text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && HostShortage.Of(e) is null)
            {
                throw QuiltException.Invalid(field, $"'{path}' cannot be made beside the others", "give each path once, and none that is another's folder");
            }
        }
    }
}
