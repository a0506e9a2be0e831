using System.Text;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>What a build's context leaves out (<c>.dockerignore</c>, or <c>DOCKERFILE.dockerignore</c> beside the Dockerfile).</summary>
/// <seealso href="https://docs.docker.com/build/concepts/context/#dockerignore-files"/>
internal sealed class IgnoreFile
{
    private const string UsualName = ".dockerignore";
    private const int MostPatterns = 10_000, LongestBytes = 1 << 20;
    private readonly IReadOnlyList<FilePattern> _patterns;

    private IgnoreFile(IReadOnlyList<FilePattern> patterns)
    {
        _patterns = patterns;
        HasExceptions = patterns.Any(p => p.IsException);
    }

    internal static IgnoreFile Nothing { get; } = new([]);

    /// <summary>Something below an ignored folder may not be ignored: the folder has to be looked into.</summary>
    internal bool HasExceptions { get; }

    internal bool IsEmpty => _patterns.Count == 0;

    /// <summary>Where a context's ignore file is looked for, in order.</summary>
    /// <param name="dockerfile">Its name in the context; null where it is none of the context's.</param>
    internal static IReadOnlyList<string> Names(string? dockerfile) => dockerfile is null ? [UsualName] : [dockerfile + UsualName, UsualName];

    /// <summary>The one of a context, or nothing.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it is too long, or has a pattern that is none.</exception>
    internal static IgnoreFile In(ImageTree context, string? dockerfile)
    {
        foreach (string name in Names(dockerfile))
        {
            using ImageTreeNode? file = context.TryFind(name);
            if (file?.Kind != FileKind.Regular)
            {
                continue;
            }

            if (file.Status.SizeBytes > LongestBytes)
            {
                throw QuiltException.Invalid("context", $"{name} has more than {LongestBytes} bytes", "ignore whole folders");
            }

            using Stream content = file.OpenRead();
            byte[] bytes = new byte[file.Status.SizeBytes];
            content.ReadExactly(bytes);
            return Read(name, bytes);
        }

        return Nothing;
    }

    /// <param name="name">For messages.</param>
    /// <exception cref="QuiltException">InvalidArgument: a pattern that is none.</exception>
    internal static IgnoreFile Read(string name, ReadOnlySpan<byte> content)
    {
        content = content.StartsWith(Encoding.UTF8.Preamble) ? content[3..] : content;
        List<FilePattern> patterns = [];
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            // A comment begins the line: behind spaces it is a pattern.
            if (lines[i].StartsWith('#') || lines[i].Trim() is not { Length: > 0 } text)
            {
                continue;
            }

            bool exception = text[0] == '!';
            string cleaned = exception ? text[1..].Trim() : text;
            cleaned = cleaned.Length == 0 ? "" : SlashPath.Clean(cleaned);
            cleaned = cleaned.Length > 1 ? cleaned.TrimStart('/') : cleaned;
            FilePattern? pattern = cleaned.Length == 0 ? null : FilePattern.TryCompile(cleaned, exception);
            patterns.Add(pattern ?? throw QuiltException.Invalid(
                "context", $"{name}:{i + 1}: '{Text.Printable(text)}' is not a pattern", "close what '[' opens, put something behind '\\' and '!'"));
            if (patterns.Count > MostPatterns)
            {
                throw QuiltException.Invalid("context", $"{name} has more than {MostPatterns} patterns", "ignore whole folders");
            }
        }

        return new IgnoreFile(patterns);
    }

    /// <summary>Patterns that were given one by one.</summary>
    /// <exception cref="QuiltException">InvalidArgument: one that is none.</exception>
    internal static IgnoreFile Of(IEnumerable<RawWord> patterns, InstructionOrigin origin) => new(
    [
        .. patterns.Select(p => FilePattern.TryCompile(SlashPath.Clean(p.Text.TrimStart('!', '/')), p.Text.StartsWith('!'))
            ?? throw origin.Error(p, $"'{Text.Printable(p.Text)}' is not a pattern", "close what '[' opens, and put something behind '\\'")),
    ]);

    /// <summary>The last pattern that matches the path or a folder above it decides.</summary>
    /// <param name="path">Relative to the context, without a slash at its ends.</param>
    internal bool Ignores(string path)
    {
        bool ignored = false;
        foreach (FilePattern pattern in _patterns)
        {
            if (pattern.IsException == ignored && pattern.MatchesWithParents(path))
            {
                ignored = !pattern.IsException;
            }
        }

        return ignored;
    }
}
