using System.CommandLine;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Cli;

internal sealed class LogoutCommand : CliCommand
{
    private readonly Argument<string?> _registry;

    internal LogoutCommand()
        : base("logout", "Forget who you are to a registry") => _registry = OptionalWord("REGISTRY");

    internal override string Usage => "[REGISTRY]";

    internal override string Details => "Without REGISTRY, docker.io.";

    internal override IReadOnlyList<Example> Examples => [new("quilt logout registry.example:5000", "What 'quilt login' kept")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        string registry = call.Get(_registry) ?? RegistryLogin.DockerHub;
        if (!await DockerConfig.Open().RemoveAsync(registry, CancellationToken.None))
        {
            throw new QuiltException(ErrorCode.NotFound, $"nothing is kept for '{registry}'", "give the registry as it was logged in to", "REGISTRY");
        }

        return 0;
    }
}
