using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record DetachVolumeArguments
{
    [Description("The container's name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The volume's name or id.")]
    public required string Volume { get; init; }

    [Description("Where, if the container has it at several paths.")]
    public string? Path { get; init; }

    [Description("Also where processes use it: they go on with what they have open, and nobody else there sees it.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

/// <summary>See <see cref="ContainerEngine.DetachVolumeAsync"/>.</summary>
public sealed class DetachVolumeTool(ContainerEngine engine) : Tool<DetachVolumeArguments, AttachVolumeResult>
{
    public override ToolDefinition Definition { get; } = new("detachVolume")
    {
        Title = "Detach a volume from a container",
        Description = "Takes a volume out of a container, at once, also while it runs. Where processes use it, it says which; with force it goes all the same. What is in the volume stays.",
        Example = """{"container": "web", "volume": "data"}""",
    };

    protected override async Task<AttachVolumeResult> RunAsync(DetachVolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        string? path = string.IsNullOrEmpty(arguments.Path) ? null : MountsReader.Place("path", arguments.Path);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        Volume volume = context.Caller.Volume(arguments.Volume);
        VolumeMount mount = await engine.DetachVolumeAsync(volume.Id, record.Id, path, arguments.Force, cancellation).ConfigureAwait(false);
        return new AttachVolumeResult { Container = record.Id.Value, Volume = volume.Id, Path = mount.Path, ReadOnly = mount.ReadOnly };
    }
}
