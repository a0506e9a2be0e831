using Quilt.Aria;

namespace Quilt.Daemon;

/// <summary>The header that carries a token (RFC 6750).</summary>
internal static class Bearer
{
    private const string Scheme = "Bearer ";

    /// <summary>The call with the token of the header; without one where the header is not there.</summary>
    internal static Call Read(string? header, Call call) => string.IsNullOrEmpty(header) ? call
        : header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? call with { Token = header[Scheme.Length..].Trim() }
        : call with { OtherAuthorization = true };
}
