using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record AttachVolumeArguments
{
    [Description("The container's name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The volume's name or id.")]
    public required string Volume { get; init; }

    [Description("Where in the container: an absolute path; made where it is missing.")]
    public required string Path { get; init; }

    [Description("Only to be read there.")]
    [DefaultValue(false)]
    public bool ReadOnly { get; init; }
}

public sealed record AttachVolumeResult
{
    [Description("The container's id.")]
    public required string Container { get; init; }

    [Description("The volume's id.")]
    public required string Volume { get; init; }

    [Description("Where it is in the container, links resolved.")]
    public required string Path { get; init; }
    public required bool ReadOnly { get; init; }
}

/// <summary>See <see cref="ContainerEngine.AttachVolumeAsync"/>.</summary>
public sealed class AttachVolumeTool(ContainerEngine engine) : Tool<AttachVolumeArguments, AttachVolumeResult>
{
    public override ToolDefinition Definition { get; } = new("attachVolume")
    {
        Title = "Attach a volume to a container",
        Description = "Mounts a volume in a container, at once, also while it runs, and again at each of its starts. Several containers may have it, each at its own path.",
        Example = """{"container": "web", "volume": "data", "path": "/data"}""",
    };

    protected override async Task<AttachVolumeResult> RunAsync(AttachVolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        string path = MountsReader.Place("path", arguments.Path);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        Volume volume = context.Caller.Volume(arguments.Volume);
        VolumeMount mount = await engine.AttachVolumeAsync(volume.Id, record.Id, path, arguments.ReadOnly, cancellation).ConfigureAwait(false);
        return new AttachVolumeResult { Container = record.Id.Value, Volume = volume.Id, Path = mount.Path, ReadOnly = mount.ReadOnly };
    }
}
