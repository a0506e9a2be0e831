using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RemoveContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Also where it runs: it is killed.")]
    [DefaultValue(false)]
    public bool Force { get; init; }

    [Description("Its anonymous volumes too: those that its image declares. They are the container's own and always go with it, so false is refused. Volumes with names stay.")]
    [DefaultValue(true)]
    public bool? Volumes { get; init; }

    /// <exception cref="QuiltException">InvalidArgument: its volumes are to stay.</exception>
    public static void CheckVolumes(bool? volumes)
    {
        if (volumes == false)
        {
            throw QuiltException.Invalid("volumes", "volumes false would keep the volumes of its image, which are the container's own", "copy out what is to stay, or give a volume with a name there from the beginning; then leave volumes out");
        }
    }
}

public sealed record RemoveContainerResult
{
    [Description("Ids of what was removed.")]
    public required IReadOnlyList<string> Removed { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RemoveAsync"/>.</summary>
public sealed class RemoveContainerTool(ContainerEngine engine) : Tool<RemoveContainerArguments, RemoveContainerResult>
{
    public override ToolDefinition Definition { get; } = new("removeContainer")
    {
        Title = "Remove a container",
        Description = "Takes a container away for good, with its files and log, and frees what it counted against your limits. One that runs is only removed with force.",
        Example = """{"container": "web", "force": true}""",
        Destructive = true,
    };

    protected override async Task<RemoveContainerResult> RunAsync(RemoveContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        RemoveContainerArguments.CheckVolumes(arguments.Volumes);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        return new RemoveContainerResult { Removed = [(await engine.RemoveAsync(record.Id, arguments.Force, cancellation).ConfigureAwait(false)).Value] };
    }
}
