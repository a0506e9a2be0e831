using System.Runtime.InteropServices;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Platforms as people write them: <c>linux/amd64</c>, <c>linux/arm/v7</c>, or one part of it alone.</summary>
/// <seealso href="https://github.com/opencontainers/image-spec/blob/main/image-index.md#platform-variants"/>
public static class PlatformName
{
    private const string Linux = "linux";

    /// <summary>What this machine runs.</summary>
    public static Platform Machine { get; } = new()
    {
        Os = Linux,
        Architecture = RuntimeInformation.OSArchitecture switch { Architecture.X64 => "amd64", Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() },
    };

    /// <param name="text">OS/ARCHITECTURE[/VARIANT]; an architecture alone is linux's.</param>
    /// <exception cref="QuiltException">InvalidArgument: it is none.</exception>
    public static Platform Parse(string text, string field = "platform")
    {
        string[] parts = text.Split('/');
        bool valid = parts.Length <= 3 && parts.All(p => p.Length is > 0 and <= 32 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'));
        if (!valid)
        {
            throw QuiltException.Invalid(field, $"{field} '{Text.Printable(text)}' is not a platform", "give OS/ARCHITECTURE[/VARIANT], such as linux/amd64 or linux/arm/v7");
        }

        return Normalize(parts.Length switch
        {
            1 when parts[0] == Linux => Machine,
            1 => new Platform { Os = Linux, Architecture = parts[0] },
            _ => new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) },
        });
    }

    public static string Format(Platform platform) =>
        $"{platform.Os}/{platform.Architecture}" + (string.IsNullOrEmpty(platform.Variant) ? "" : $"/{platform.Variant}");

    /// <summary>Go's names for what has several, and no variant where it is the one that goes without saying.</summary>
    public static Platform Normalize(Platform platform)
    {
        string architecture = platform.Architecture.ToLowerInvariant();
        string? variant = string.IsNullOrEmpty(platform.Variant) ? null : platform.Variant.ToLowerInvariant();
        variant = variant is not null && char.IsAsciiDigit(variant[0]) ? "v" + variant : variant;
        (architecture, variant) = architecture switch
        {
            "x86_64" or "x86-64" => ("amd64", variant),
            "i386" or "i486" or "i586" or "i686" => ("386", variant),
            "aarch64" => ("arm64", variant),
            "armhf" => ("arm", "v7"),
            "armel" => ("arm", "v6"),
            _ => (architecture, variant),
        };
        variant = (architecture, variant) switch
        {
            ("arm", null) => "v7",
            ("arm64", "v8") or ("amd64", "v1") => null,
            _ => variant,
        };
        return platform with { Os = platform.Os.ToLowerInvariant(), Architecture = architecture, Variant = variant };
    }
}
