using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>
/// What the operator keeps for agents: each secret a file of one folder, read when it is used. An agent names a secret and never sees
/// it, but where it lets it into a step or container of its own.
/// </summary>
/// <param name="folder">It need not be there: then there is no secret.</param>
public sealed partial class SecretFolder(string folder)
{
    /// <summary>Of one secret.</summary>
    public const int MostBytes = 1 << 20;
    private const uint OthersMayRead = 0x3F; // 0077

    /// <summary>One that all of the agent's grants name.</summary>
    /// <exception cref="QuiltException">InvalidArgument; PermissionDenied; NotFound; FailedPrecondition: others than its owner can read it, or it is too large.</exception>
    public byte[] Read(Agent agent, string name, string field)
    {
        if (!Name().IsMatch(name))
        {
            throw QuiltException.Invalid(field, $"'{Text.Printable(name)}' is no name of a secret", "give 1 to 64 letters, digits, '.', '_' or '-', a letter, digit or '_' first");
        }

        foreach (Agent each in agent.Chain.Where(a => !a.Config.Grant.Secrets.Any(p => Pattern.Matches(p, name))))
        {
            throw each.Outside("secrets", $"the secret '{name}'", field, each.Config.Grant.Secrets);
        }

        try
        {
            // A link is the operator's way of putting it there.
            using FileDescriptor file = Sys.Open(Path.Combine(folder, name), OpenMode.ReadOnly | OpenMode.NonBlocking);
            FileStatus status = Sys.Status(file);
            byte[] content = status.Kind != FileKind.Regular ? throw Unfit(name, field, "is no file", "put it into a file")
                : (status.Permissions & OthersMayRead) != 0 ? throw Unfit(name, field, "can be read by others than its owner", "ask the operator to give its file the mode 0600")
                : status.SizeBytes > MostBytes ? throw TooLong((long)status.SizeBytes)
                : Sys.ReadFile(file, name);
            return content.Length > MostBytes ? throw TooLong(content.Length) : content;
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            throw new QuiltException(ErrorCode.NotFound, $"there is no secret '{name}'", "ask the operator to put it into the folder that quiltd has by --secrets", field);
        }

        QuiltException TooLong(long bytes) => Unfit(name, field, $"has {bytes} bytes, and at most {MostBytes} are taken", "keep a shorter one");
    }

    /// <summary>One that is text, without the line's end that editors put behind it.</summary>
    /// <exception cref="QuiltException">As <see cref="Read"/>.</exception>
    public string ReadText(Agent agent, string name, string field) => System.Text.Encoding.UTF8.GetString(Read(agent, name, field)).TrimEnd('\n', '\r');

    private static QuiltException Unfit(string name, string field, string why, string remedy) => new(ErrorCode.FailedPrecondition, $"the secret '{name}' {why}", remedy, field);

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
