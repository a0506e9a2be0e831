using Quilt.Credentials;
using Quilt.Images;

namespace Quilt.Registry;

public sealed record PullRequest
{
    public required ImageReference Reference { get; init; }

    /// <summary>Null: this machine's.</summary>
    public Platform? Platform { get; init; }

    /// <summary>It is found by its digest alone: its tag here stays whosever it is, or nobody's.</summary>
    public bool WithoutTag { get; init; }
    public PullPolicy Policy { get; init; } = PullPolicy.Always;

    /// <summary>For the registry itself, not for its mirrors. Null: what the operator configured, else nobody's.</summary>
    public RegistryCredential? Credential { get; init; }
}

/// <summary>An image that is in the store now.</summary>
public sealed record PulledImage
{
    public required StoredImage Image { get; init; }

    /// <summary>The index it was chosen from; null where there is none, or where no registry was asked.</summary>
    public Core.Digest? IndexDigest { get; init; }

    /// <summary>Which registry or mirror it came from; the registry where it was here as it is there; null where none was asked.</summary>
    public string? From { get; init; }

    /// <summary>Of blobs, over the wire.</summary>
    public long TransferredBytes { get; init; }

    /// <summary>Layers that were not here before.</summary>
    public int TransferredLayers { get; init; }
}
