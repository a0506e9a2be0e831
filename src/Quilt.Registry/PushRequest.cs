using Quilt.Credentials;
using Quilt.Images;

namespace Quilt.Registry;

public sealed record PushRequest
{
    /// <summary>What the store calls it.</summary>
    public required ImageReference Source { get; init; }

    /// <summary>What the registry shall call it.</summary>
    public required ImageReference Target { get; init; }

    /// <summary>Null: what the operator configured, else nobody's.</summary>
    public RegistryCredential? Credential { get; init; }
}

/// <summary>An image that is in a registry now.</summary>
public sealed record PushedImage
{
    /// <summary>Of the manifest, there as here.</summary>
    public required Core.Digest Digest { get; init; }
    public required int Layers { get; init; }

    /// <summary>Of blobs, over the wire: 0 where the registry had them all.</summary>
    public required long TransferredBytes { get; init; }
}
