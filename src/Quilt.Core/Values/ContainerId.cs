using System.Security.Cryptography;

namespace Quilt.Core;

/// <summary>A container's global id: 32 lower-case hexadecimal digits, 128 random bits.</summary>
public readonly record struct ContainerId
{
    public const int Length = 32;
    private readonly string? _value;

    private ContainerId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("an unset container id was used");

    /// <summary>The first 12 digits, as shown to people.</summary>
    public string Short => Value[..12];

    public static ContainerId New() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Length / 2)));

    public static bool TryParse(string? text, out ContainerId id)
    {
        bool valid = text is { Length: Length } && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;
        id = valid ? new ContainerId(text!) : default;
        return valid;
    }

    public static ContainerId Parse(string text) => TryParse(text, out ContainerId id)
        ? id
        : throw QuiltException.Invalid("container", $"'{Text.Printable(text)}' is not a container id", "give 32 lower-case hexadecimal digits");

    public override string ToString() => _value ?? "";
}
