using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ExtendContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("It is removed that long from now, instead of when it was to be.")]
    public required TimeSpan Ttl { get; init; }
}

public sealed record ExtendContainerResult
{
    public required string Container { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>See <see cref="ContainerEngine.SetExpiryAsync"/>.</summary>
public sealed class ExtendContainerTool(ContainerEngine engine) : Tool<ExtendContainerArguments, ExtendContainerResult>
{
    public override ToolDefinition Definition { get; } = new("extendContainer")
    {
        Title = "Extend a container's life",
        Description = "Sets anew when a container is removed by its ttl, counted from now. It can be no longer than your grant's ttl.",
        Example = """{"container": "build", "ttl": "30m"}""",
    };

    protected override async Task<ExtendContainerResult> RunAsync(ExtendContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        TimeSpan ttl = BeginSessionTool.Time("ttl", arguments.Ttl)!.Value;
        if (context.Caller.Agent.Chain.Min(a => a.Config.Grant.Limits.Ttl) is { } longest && ttl > longest)
        {
            throw new QuiltException(ErrorCode.PermissionDenied, $"a ttl of {DurationText.Format(ttl)} is longer than the grant allows (limits.ttl: {DurationText.Format(longest)})", $"give at most {DurationText.Format(longest)}", "ttl");
        }

        record = await engine.SetExpiryAsync(record.Id, DateTimeOffset.UtcNow + ttl, cancellation).ConfigureAwait(false);
        return new ExtendContainerResult { Container = record.Id.Value, ExpiresAt = record.ExpiresAt };
    }
}
