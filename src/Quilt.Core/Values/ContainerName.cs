using System.Text.RegularExpressions;

namespace Quilt.Core;

/// <summary>A container's name: 1 to 63 of <c>[a-z0-9._-]</c>, either case, starting with a letter or digit. Never a path.</summary>
public readonly partial record struct ContainerName
{
    private ContainerName(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse(string? text, out ContainerName name)
    {
        bool valid = text is not null && Pattern().IsMatch(text);
        name = valid ? new ContainerName(text!) : default;
        return valid;
    }

    public static ContainerName Parse(string text, string field = "name") => TryParse(text, out ContainerName name)
        ? name
        : throw QuiltException.Invalid(field, $"{field} '{Text.Printable(text)}' is not a valid name", "use 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or digit");

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}\z")]
    private static partial Regex Pattern();
}
