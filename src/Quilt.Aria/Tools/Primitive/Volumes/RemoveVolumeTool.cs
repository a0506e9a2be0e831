using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>See <see cref="ContainerEngine.RemoveVolumeAsync"/>.</summary>
public sealed class RemoveVolumeTool(ContainerEngine engine) : Tool<VolumeArguments, VolumeResult>
{
    public override ToolDefinition Definition { get; } = new("removeVolume")
    {
        Title = "Remove a volume",
        Description = "Takes a volume away for good, with all that is in it. One that a container has, in whatever state, is not removed: detach it there first.",
        Example = """{"volume": "data"}""",
        Destructive = true,
    };

    protected override async Task<VolumeResult> RunAsync(VolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Volume volume = context.Caller.Volume(arguments.Volume);
        VolumeView view = VolumeView.Of(volume, engine, context.Caller);
        return await engine.RemoveVolumeAsync(volume.Id, context.Caller.MayUse).ConfigureAwait(false)
            ? new VolumeResult { Volume = view }
            : throw Caller.NoVolume(arguments.Volume, "volume");
    }
}
