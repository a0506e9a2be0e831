using System.ComponentModel;
using Quilt.Images;
using Quilt.Registry;

namespace Quilt.Aria;

public sealed record CheckRegistryLoginArguments
{
    [Description("Such as docker.io or registry.example:5000.")]
    public required string Registry { get; init; }
    public required RegistryCredentialsArguments Credentials { get; init; }
}

public sealed record CheckRegistryLoginResult
{
    public required string Registry { get; init; }
}

/// <summary>See <see cref="RegistryClient.CheckLoginAsync"/>.</summary>
public sealed class CheckRegistryLoginTool(RegistryClient registries, SecretFolder secrets) : Tool<CheckRegistryLoginArguments, CheckRegistryLoginResult>
{
    public override ToolDefinition Definition { get; } = new("checkRegistryLogin")
    {
        Title = "Check a login to a registry",
        Description = "Asks a registry of your grant whether it accepts a name and a password. They are not kept: give them to pullImage and pushImage.",
        Example = """{"registry": "registry.example:5000", "credentials": {"username": "ci", "password": "…"}}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
        OpenWorld = true,
    };

    protected override async Task<CheckRegistryLoginResult> RunAsync(CheckRegistryLoginArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ImageAccess.RequireRegistry(context.Caller.Agent, arguments.Registry, "registry");
        await registries.CheckLoginAsync(arguments.Registry, arguments.Credentials.Read(context.Caller.Agent, secrets), cancellation).ConfigureAwait(false);
        return new CheckRegistryLoginResult { Registry = arguments.Registry };
    }
}
