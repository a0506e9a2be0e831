using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>One <c>--mount</c> of a RUN, as written.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#run---mount"/>
internal sealed record MountOption(MountKind Kind, RawWord Word, IReadOnlyDictionary<string, RawWord> Values)
{
    private static readonly Dictionary<MountKind, string[]> Keys = new()
    {
        [MountKind.Bind] = ["from", "source", "target", "readwrite", "readonly"],
        [MountKind.Cache] = ["id", "from", "source", "target", "readonly", "readwrite", "sharing", "mode", "uid", "gid"],
        [MountKind.Tmpfs] = ["target", "size"],
        [MountKind.Secret] = ["id", "target", "env", "required", "mode", "uid", "gid"],
        [MountKind.Ssh] = ["id", "target", "required", "mode", "uid", "gid"],
    };

    /// <summary>The stage, image or context that it is taken from; null where none is named.</summary>
    internal RawWord? From => Values.TryGetValue("from", out RawWord from) ? from : null;

    /// <exception cref="Core.QuiltException">InvalidArgument: a key that its type does not have, or one that is there twice.</exception>
    internal static MountOption Read(LogicalLine line, RawWord word)
    {
        Dictionary<string, RawWord> values = [];
        foreach (RawWord field in Fields(word))
        {
            int equals = field.Text.IndexOf('=', StringComparison.Ordinal);
            string written = (equals < 0 ? field.Text : field.Text[..equals]).Trim().ToLowerInvariant();
            string key = written switch
            {
                "src" => "source",
                "dst" or "destination" => "target",
                "ro" => "readonly",
                "rw" => "readwrite",
                _ => written,
            };
            if (equals < 0 && key is not ("readonly" or "readwrite" or "required"))
            {
                throw line.Error(field.Offset, $"'{Text.Printable(field.Text)}' is not KEY=VALUE", "write --mount=type=TYPE,KEY=VALUE");
            }

            if (!values.TryAdd(key, equals < 0 ? new RawWord("true", field.Offset) : new RawWord(field.Text[(equals + 1)..], field.Offset + equals + 1)))
            {
                throw line.Error(field.Offset, $"'{Text.Printable(written)}' stands here a second time", "leave one of them");
            }
        }

        MountKind kind = MountKind.Bind;
        if (values.Remove("type", out RawWord type))
        {
            kind = type.Text switch
            {
                "bind" => MountKind.Bind,
                "cache" => MountKind.Cache,
                "tmpfs" => MountKind.Tmpfs,
                "secret" => MountKind.Secret,
                "ssh" => MountKind.Ssh,
                _ => throw line.Error(type.Offset, $"'{Text.Printable(type.Text)}' is no type of mount", "give bind, cache, tmpfs, secret or ssh"),
            };
        }

        foreach ((string key, RawWord value) in values)
        {
            if (!Keys[kind].Contains(key))
            {
                string nearest = Spelling.Nearest(key, Keys[kind]);
                throw line.Error(value.Offset, $"a mount of type {kind.ToString().ToLowerInvariant()} has no '{Text.Printable(key)}'", nearest.Length > 0 ? $"did you mean {nearest}?" : $"it has {string.Join(", ", Keys[kind])}");
            }
        }

        if (values.TryGetValue("from", out RawWord from) && from.Text.Contains('$', StringComparison.Ordinal))
        {
            throw line.Error(from.Offset, "'from' takes no variables", "begin a stage with FROM $VARIABLE AS NAME, and mount from that");
        }

        if (kind is MountKind.Bind or MountKind.Cache or MountKind.Tmpfs && !values.ContainsKey("target"))
        {
            throw line.Error(word.Offset, $"a mount of type {kind.ToString().ToLowerInvariant()} needs a target", "add target=PATH");
        }

        return new MountOption(kind, word, values);
    }

    /// <summary>Parted by commas, as one line of CSV: a field in double quotes may hold them.</summary>
    private static IEnumerable<RawWord> Fields(RawWord word)
    {
        StringBuilder field = new();
        bool quoted = false;
        int start = 0;
        for (int i = 0; i < word.Text.Length; i++)
        {
            char c = word.Text[i];
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                yield return new RawWord(field.ToString(), word.Offset + start);
                field.Clear();
                start = i + 1;
            }
            else
            {
                field.Append(c);
            }
        }

        yield return new RawWord(field.ToString(), word.Offset + start);
    }
}

internal enum MountKind
{
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}
