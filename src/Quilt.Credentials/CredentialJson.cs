using System.Text.Json.Serialization;

namespace Quilt.Credentials;

/// <summary>What a credential helper reads and writes; the names are the protocol's.</summary>
internal sealed record HelperCredential
{
    public string? ServerURL { get; init; }
    public string? Username { get; init; }
    public string? Secret { get; init; }

    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("ServerURL = ").Append(ServerURL);
        return true;
    }
}

[JsonSerializable(typeof(HelperCredential))]
internal sealed partial class CredentialJson : JsonSerializerContext;
