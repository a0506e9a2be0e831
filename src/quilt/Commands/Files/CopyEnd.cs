using Quilt.Core;

namespace Quilt.Cli;

/// <summary>One side of a copy, as it is written: <c>CONTAINER:PATH</c>, a path of ours, or <c>-</c> for an archive.</summary>
/// <param name="Container">Null: here.</param>
internal sealed record CopyEnd(string? Container, string Path)
{
    internal bool IsStream => Container is null && Path == "-";

    /// <summary>A path with a colon in it is ours where it is absolute or begins with a dot, as docker has it.</summary>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static CopyEnd Parse(string text, string argument)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (text.Length == 0 || colon == 0 || (colon == text.Length - 1 && colon >= 0 && text[0] is not ('/' or '.')))
        {
            throw QuiltException.Invalid(argument, $"'{text}' is no place to copy from or to", "give CONTAINER:PATH, a path of yours, or '-'; write a path of yours that has a colon as ./NAME");
        }

        return colon < 0 || text[0] is '/' or '.'
            ? new CopyEnd(null, text)
            : new CopyEnd(text[..colon], text[colon + 1] == '/' ? text[(colon + 1)..] : '/' + text[(colon + 1)..]); // from its root, as docker has it
    }
}
