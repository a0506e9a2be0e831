using System.ComponentModel;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Where an archive is. One of the three.</summary>
public sealed record ArchiveArguments
{
    [Description("The id of an upload: POST /v1/uploads, or the gRPC call Upload.")]
    public string? Upload { get; init; }

    [Description("The archive itself in base64, where it is small.")]
    public string? Content { get; init; }

    [Description("Its absolute path on the host, where your grant has that.")]
    public string? Path { get; init; }

    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied: the path is outside the grant.</exception>
    internal Stream Open(Caller caller, TransferFiles transfers, string field)
    {
        if (new[] { Upload, Content, Path }.Count(s => s is not null) != 1)
        {
            throw QuiltException.Invalid(field, $"{field} has to say in one way where the archive is", "give upload, content or path");
        }

        return Upload is not null ? transfers.Take(caller, Upload, $"{field}.upload")
            : Path is not null ? HostFile.OpenRead(caller.Agent, Path, $"{field}.path")
            : new MemoryStream(Base64Text.Decode(Content!, $"{field}.content", "encode the archive's bytes in base64, or upload it"), writable: false);
    }
}
