using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>A client's configuration on the disk.</summary>
internal sealed class McpConfigFile
{
    private const uint PrivateMode = 0x180; // rw-------
    private const string BackupEnding = ".before-quilt";
    private readonly string _path;

    /// <param name="path">May be a link, as those who keep such files in a repository have it: what it leads to is written.</param>
    internal McpConfigFile(string path)
    {
        try
        {
            _path = OutputFile.Final(path);
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--file", $"--file '{path}' names no file: {e.Message}", "name a file by --file");
        }
    }

    /// <summary>What was there before the last change of ours.</summary>
    internal string Backup => _path + BackupEnding;

    /// <summary>Empty where there is none.</summary>
    /// <exception cref="QuiltException">Permission denied, or whatever else keeps it from us.</exception>
    internal string Read()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(_path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"{_path} cannot be read as UTF-8 text", "see that it is a file that you may read, or name another by --file", "--file", e);
        }
    }

    /// <summary>Puts the new text in the old one's place at once; the old one is kept beside it. Its owner and mode stay.</summary>
    internal void Write(string before, string after)
    {
        string folder = Path.GetDirectoryName(_path)!, name = Path.GetFileName(_path);
        try
        {
            FileStatus? status = Sys.TryStatus(_path);
            if (status is null)
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            else
            {
                Put(folder, name + BackupEnding, before, status);
            }

            Put(folder, name, after, status);
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(ErrorCode.PermissionDenied, $"{_path} cannot be written: {e.Message}", "see that you may write there, or name another file by --file", "--file", e);
        }
    }

    private static void Put(string folder, string name, string text, FileStatus? like)
    {
        DurableFile.Write(folder, name, Encoding.UTF8.GetBytes(text), like?.Permissions ?? PrivateMode);
        if (like is { } old && Sys.TryStatus(Path.Combine(folder, name)) is { } now && (now.Uid, now.Gid) != (old.Uid, old.Gid))
        {
            Sys.Chown(Path.Combine(folder, name), old.Uid, old.Gid);
        }
    }
}
