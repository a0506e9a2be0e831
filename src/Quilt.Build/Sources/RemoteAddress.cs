namespace Quilt.Build;

/// <summary>A source of ADD that is elsewhere: a file, or a repository of git's.</summary>
/// <param name="Address">Without the fragment. Null of what we do not speak, such as ssh.</param>
/// <param name="Reference">Of a repository: a branch, tag or commit; null for its default.</param>
/// <param name="Folder">Of a repository: the part that is wanted; empty for all.</param>
internal sealed record RemoteAddress(Uri? Address, bool IsRepository, string? Reference, string Folder)
{
    private const string GitEnd = ".git";

    /// <summary>Null where the text is a path.</summary>
    internal static RemoteAddress? TryParse(string text)
    {
        if (text.StartsWith("git@", StringComparison.Ordinal) || text.StartsWith("ssh://", StringComparison.Ordinal) || text.StartsWith("git://", StringComparison.Ordinal))
        {
            return new RemoteAddress(null, true, null, "");
        }

        if (!text.StartsWith("http://", StringComparison.Ordinal) && !text.StartsWith("https://", StringComparison.Ordinal))
        {
            return null;
        }

        // Credentials in a Dockerfile would be in its history. A host of characters that do not show has none when it is written out.
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.UserInfo.Length > 0
            || !Uri.TryCreate(address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped), UriKind.Absolute, out Uri? plain))
        {
            return new RemoteAddress(null, false, null, "");
        }

        bool isRepository = address.AbsolutePath.EndsWith(GitEnd, StringComparison.Ordinal);
        string[] fragment = Uri.UnescapeDataString(address.Fragment.TrimStart('#')).Split(':', 2);
        return isRepository
            ? new RemoteAddress(plain, true, fragment[0].Length > 0 ? fragment[0] : null, fragment.Length > 1 ? fragment[1] : "")
            : new RemoteAddress(plain, false, null, "");
    }

    /// <summary>What a file gets as its name where the destination is a folder.</summary>
    internal string FileName
    {
        get
        {
            string name = Uri.UnescapeDataString(SlashPath.Name(Address?.AbsolutePath ?? ""));
            return name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && name is not "." and not ".." ? name : "__unnamed__";
        }
    }
}
