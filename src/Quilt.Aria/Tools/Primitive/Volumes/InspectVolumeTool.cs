using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>One volume, with how much is in it.</summary>
public sealed class InspectVolumeTool(ContainerEngine engine) : Tool<VolumeArguments, VolumeResult>
{
    public override ToolDefinition Definition { get; } = new("inspectVolume")
    {
        Title = "Inspect a volume",
        Description = "Everything of one volume: size, how much is in it, labels, and the containers that have it and where. Of one without a size each file is looked at.",
        Example = """{"volume": "data"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<VolumeResult> RunAsync(VolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Volume volume = context.Caller.Volume(arguments.Volume);
        long used = await engine.VolumeBytesAsync(volume, context.Caller.Agent.Id, cancellation).ConfigureAwait(false);
        return new VolumeResult { Volume = VolumeView.Of(volume, engine, context.Caller) with { Used = used } };
    }
}
