using System.Globalization;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>A mount's values, variables substituted.</summary>
internal sealed class MountValues(MountOption option, Expander expander)
{
    internal MountOption Option { get; } = option;
    internal InstructionOrigin Origin => expander.Origin;

    /// <summary>Null where the key is not there.</summary>
    internal string? Text(string key) => Option.Values.TryGetValue(key, out RawWord word) ? expander.Word(word) : null;

    /// <summary>As <see cref="Text"/>, of a path.</summary>
    internal string? Path(string key) => Option.Values.TryGetValue(key, out RawWord word) ? expander.Path(word) : null;

    internal bool Flag(string key) => Text(key)?.ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw Error(key, "is neither true nor false", "give one of them"),
    };

    internal uint Mode(uint usual)
    {
        string? text = Text("mode");
        if (text is null)
        {
            return usual;
        }

        return text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7') && Convert.ToUInt32(text, 8) is <= 0xFFF and uint mode
            ? mode
            : throw Error("mode", "are no permissions", "give an octal number up to 07777");
    }

    internal uint Id(string key) => Text(key) is not { } text ? 0
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id < UserLookup.IdCount ? id
        : throw Error(key, "is no id", $"give a number below {UserLookup.IdCount}");

    internal QuiltException Error(string? key, string what, string remedy)
    {
        RawWord word = key is not null && Option.Values.TryGetValue(key, out RawWord found) ? found : Option.Word;
        return Origin.Error(word, $"the mount's {key ?? "text"} '{Core.Text.Printable(word.Text)}' {what}", remedy);
    }
}
