namespace Quilt.Registry;

/// <summary>How one registry is spoken to.</summary>
public sealed record RegistrySettings
{
    internal static readonly RegistrySettings Usual = new();

    /// <summary>Asked in order before the registry itself when something is pulled: <c>[http[s]://]HOST[:PORT][/PREFIX]</c>.</summary>
    public IReadOnlyList<string> Mirrors { get; set; } = [];

    /// <summary>Plain HTTP will do, and a certificate that nobody vouches for. Loopback addresses are so anyway, as Docker has it.</summary>
    public bool Insecure { get; set; }

    /// <summary>Absolute: certificates in PEM that are trusted beside the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>For requests that bring none of their own.</summary>
    public RegistryLogin? Credentials { get; set; }
}

public sealed record RegistryLogin
{
    public string Username { get; set; } = "";

    /// <summary>Absolute. Read at each use, so that it can be exchanged; a newline at its end is not part of the password.</summary>
    public string PasswordFile { get; set; } = "";
}
