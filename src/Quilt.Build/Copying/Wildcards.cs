using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Paths of a tree that a source with wildcards means.</summary>
internal static class Wildcards
{
    internal static bool HasAny(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is '*' or '?' or '[')
            {
                return true;
            }

            i += pattern[i] == '\\' ? 1 : 0;
        }

        return false;
    }

    /// <summary>What an escape hides, itself.</summary>
    internal static string Unescape(string pattern)
    {
        System.Text.StringBuilder plain = new();
        for (int i = 0; i < pattern.Length; i++)
        {
            i += pattern[i] == '\\' && i + 1 < pattern.Length ? 1 : 0;
            plain.Append(pattern[i]);
        }

        return plain.ToString();
    }

    /// <summary>In ordinal order; ignored ones are not among them.</summary>
    /// <param name="from">The folder that the pattern begins in; empty for the root.</param>
    /// <param name="pattern">Relative, as <see cref="FilePattern"/> has them.</param>
    /// <returns>Relative to <paramref name="from"/>. Null where the pattern is wrong.</returns>
    internal static IReadOnlyList<string>? Match(TreeSource source, string from, string pattern)
    {
        string cleaned = string.Join('/', SlashPath.Names(pattern));
        if (FilePattern.TryCompile(cleaned, isException: false) is not { } compiled)
        {
            return null;
        }

        List<string> found = [];
        string[] parts = cleaned.Split('/');
        bool anyDepth = cleaned.Contains("**", StringComparison.Ordinal);

        // Names before the first wildcard are walked as they are, links included.
        int plain = Math.Min(parts.TakeWhile(p => !HasAny(p)).Count(), parts.Length - 1);
        string start = Unescape(string.Join('/', parts[..plain]));
        using ImageTreeNode? folder = source.Tree.TryFind(TreeCopy.Join(from, start));
        if (folder is { Kind: FileKind.Folder })
        {
            Walk(source, folder, start, compiled, anyDepth ? int.MaxValue : parts.Length - plain, found);
        }

        return found;
    }

    private static void Walk(TreeSource source, ImageTreeNode folder, string path, FilePattern pattern, int levels, List<string> found)
    {
        TreeCopy.RefuseDepth(folder);
        foreach (ImageTreeNode child in folder.Children())
        {
            using (child)
            {
                string name = TreeCopy.Join(path, child.Name);
                if (pattern.Matches(name) && !source.Ignored.Ignores(child.Path))
                {
                    found.Add(name);
                }
                else if (levels > 1 && child.Kind == FileKind.Folder)
                {
                    Walk(source, child, name, pattern, levels - 1, found);
                }
            }
        }
    }
}
