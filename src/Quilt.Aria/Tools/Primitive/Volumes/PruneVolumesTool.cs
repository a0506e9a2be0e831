using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record PruneVolumesArguments
{
    [Description("Only those with these labels; an empty value matches any.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

public sealed record PruneVolumesResult
{
    [Description("Their names.")]
    public required IReadOnlyList<string> Removed { get; init; }
}

/// <summary>Removes the volumes that no container has.</summary>
public sealed class PruneVolumesTool(ContainerEngine engine) : Tool<PruneVolumesArguments, PruneVolumesResult>
{
    public override ToolDefinition Definition { get; } = new("pruneVolumes")
    {
        Title = "Remove volumes that nobody has",
        Description = "Removes your volumes that no container has, in whatever state, with all that is in them.",
        Example = """{"labels": {"stage": "test"}}""",
        Destructive = true,
    };

    protected override async Task<PruneVolumesResult> RunAsync(PruneVolumesArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        List<string> removed = [];
        foreach (Volume volume in engine.Volumes.Where(v => context.Caller.Has(v.Owner) && ListVolumesTool.HasLabels(v, arguments.Labels)))
        {
            try
            {
                if (await engine.RemoveVolumeAsync(volume.Id, context.Caller.MayUse).ConfigureAwait(false))
                {
                    removed.Add(volume.Name);
                }
            }
            catch (QuiltException e) when (e.Code == ErrorCode.FailedPrecondition)
            {
                // Somebody has it.
            }
        }

        return new PruneVolumesResult { Removed = removed };
    }
}
