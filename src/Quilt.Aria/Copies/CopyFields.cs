using System.Globalization;
using System.Text;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Aria;

/// <summary>Arguments and results of copying.</summary>
internal static class CopyFields
{
    private const int LongestPath = 3072; // as archives have it
    private const int AllPermissions = 0xFFF;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static string Path(string path) =>
        !path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(path) > LongestPath
            ? throw QuiltException.Invalid("path", $"'{Core.Text.Printable(path)}' is no absolute path", $"give one in the container that begins with '/', of at most {LongestPath} bytes")
            : path;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static CopyInOptions Options(CopyToContainerArguments arguments)
    {
        if (arguments is { Owner: not null, KeepOwners: true })
        {
            throw QuiltException.Invalid("owner", "owner and keepOwners say different things", "give one of them");
        }

        if (arguments.Mode is not null && arguments.Content is null)
        {
            throw QuiltException.Invalid("mode", "mode is for content: what is in an archive has its own", "leave mode out");
        }

        return new CopyInOptions
        {
            Placing = arguments.HostPath is not null || arguments.Placing == "as" ? CopyPlacing.As : CopyPlacing.Into,
            MakeParents = arguments.Parents,
            KeepOwners = arguments.KeepOwners,
            Mode = arguments.Mode is null ? null : Mode(arguments.Mode),
        };
    }

    /// <summary>The owner by name, as the container's own accounts have it now.</summary>
    /// <exception cref="QuiltException">InvalidArgument: the container has no such user or group.</exception>
    internal static CopyInOptions Owned(CopyInOptions options, LiveRoot root, string? owner)
    {
        if (owner is null)
        {
            return options;
        }

        try
        {
            ImageUser user = UserLookup.Find(root, owner);
            return options with { Owner = (user.Uid, user.Gid) };
        }
        catch (QuiltException e) when (e.Field == "user")
        {
            throw new QuiltException(e.Code, e.Message.Replace("image", "container", StringComparison.Ordinal), "give a user of the container, or numbers such as 1000:1000", "owner", e);
        }
    }

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static byte[] Content(string content, string? encoding) => encoding != "base64"
        ? Encoding.UTF8.GetBytes(content)
        : Base64Text.Decode(content, "content", "encode the bytes in base64, or say that it is text");

    /// <summary>Bytes for a model: text where they are, cut between two characters.</summary>
    /// <returns>And how many of the bytes are in it.</returns>
    internal static (string Text, string Encoding, int Taken) Text(byte[] content, bool isEnd)
    {
        const int longestCharacter = 4;
        for (int cut = 0; cut <= (isEnd ? 0 : Math.Min(longestCharacter - 1, content.Length - 1)); cut++)
        {
            try
            {
                return (Strict.GetString(content.AsSpan(0, content.Length - cut)), "text", content.Length - cut);
            }
            catch (DecoderFallbackException)
            {
                // The last character may go on in the next part.
            }
        }

        return (Convert.ToBase64String(content), "base64", content.Length);
    }

    /// <returns>Null where nothing was.</returns>
    internal static IReadOnlyList<string>? LeftOut(CopyReport report) => report.LeftOutCount == 0 && report.LeftOut.Count == 0 ? null
        : report.LeftOutCount > report.LeftOut.Count ? [.. report.LeftOut, $"and {report.LeftOutCount - report.LeftOut.Count} more"]
        : report.LeftOut;

    private static uint Mode(string text)
    {
        bool isOctal = text.Length is > 0 and <= 5 && text.AsSpan().IndexOfAnyExceptInRange('0', '7') < 0;
        int mode = isOctal ? Convert.ToInt32(text, 8) : -1;
        return mode is >= 0 and <= AllPermissions
            ? (uint)mode
            : throw QuiltException.Invalid("mode", string.Create(CultureInfo.InvariantCulture, $"'{Core.Text.Printable(text)}' are no permissions"), "give them in octal, such as \"0644\"");
    }
}
