using System.Runtime.InteropServices;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>Platforms in a build: the host's, the image's, and the arguments that tell of them.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope"/>
internal static class PlatformArguments
{
    /// <summary>Known without ARG, and given to commands without being part of what is cached or kept.</summary>
    private static readonly string[] Proxies = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

    internal static Platform Host { get; } = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? new Platform { Os = "linux", Architecture = "arm64" }
        : new Platform { Os = "linux", Architecture = "amd64" };

    internal static bool IsProxy(string name) => Proxies.Contains(name, StringComparer.OrdinalIgnoreCase);

    internal static Dictionary<string, string> Of(Platform target) => new()
    {
        ["BUILDPLATFORM"] = Host.ToString(),
        ["BUILDOS"] = Host.Os,
        ["BUILDARCH"] = Host.Architecture,
        ["BUILDVARIANT"] = Host.Variant ?? "",
        ["TARGETPLATFORM"] = target.ToString(),
        ["TARGETOS"] = target.Os,
        ["TARGETARCH"] = target.Architecture,
        ["TARGETVARIANT"] = target.Variant ?? "",
    };

    /// <summary>Null where the text is no OS/ARCHITECTURE[/VARIANT].</summary>
    internal static Platform? TryParse(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('/');
        if (parts.Length is < 1 or > 3 || parts.Any(p => p.Length == 0 || !p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
        {
            return null;
        }

        // One part alone is an operating system or an architecture.
        string os = parts.Length == 1 && parts[0] != "linux" ? "linux" : parts[0];
        string architecture = parts.Length > 1 ? parts[1] : parts[0] == "linux" ? Host.Architecture : parts[0];
        (architecture, string? variant) = (architecture, parts.Length > 2 ? parts[2] : null) switch
        {
            ("x86_64" or "x86-64", var v) => ("amd64", v),
            ("aarch64", "v8" or null) => ("arm64", null),
            ("arm64", "v8") => ("arm64", null),
            ("armhf", null) => ("arm", "v7"),
            ("arm", null) => ("arm", "v7"),
            var other => other,
        };
        return new Platform { Os = os, Architecture = architecture, Variant = variant };
    }
}
