using System.Text;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>The JSON that a manifest's <c>config</c> points at (OCI image-spec, config).</summary>
public sealed record ImageDocument
{
    public DateTimeOffset? Created { get; init; }
    public string Architecture { get; init; } = "";
    public string Os { get; init; } = "";
    public string? Variant { get; init; }
    public ImageDocumentConfig? Config { get; init; }
    public ImageRootFs? Rootfs { get; init; }
}

/// <summary>How containers of the image run. The wire's names begin with capitals.</summary>
public sealed record ImageDocumentConfig
{
    [JsonPropertyName("User")]
    public string? User { get; init; }

    [JsonPropertyName("ExposedPorts")]
    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    [JsonPropertyName("Env")]
    public IReadOnlyList<string>? Env { get; init; }

    [JsonPropertyName("Entrypoint")]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    [JsonPropertyName("Cmd")]
    public IReadOnlyList<string>? Cmd { get; init; }

    [JsonPropertyName("Volumes")]
    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; init; }

    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; init; }

    [JsonPropertyName("Labels")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; init; }

    // The environment may hold secrets: only the names of what is set are printed.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("User = ").Append(User).Append(", Entrypoint = ").AppendJoin(' ', Entrypoint ?? []);
        return true;
    }
}

/// <summary><c>{}</c>, the value of a set's members.</summary>
public sealed record EmptyObject;

/// <summary>The digests of the layers' uncompressed archives, lowest first.</summary>
public sealed record ImageRootFs
{
    public string Type { get; init; } = "layers";

    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<Digest>? DiffIds { get; init; }
}
