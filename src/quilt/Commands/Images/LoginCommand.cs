using System.CommandLine;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Cli;

internal sealed class LoginCommand : CliCommand
{
    private readonly Argument<string?> _registry;
    private readonly Option<string?> _username;
    private readonly Option<bool> _passwordStdin;

    internal LoginCommand()
        : base("login", "Keep who you are to a registry")
    {
        _registry = OptionalWord("REGISTRY");
        _username = Value("NAME", "Your name there", "--username", "-u");
        _passwordStdin = Flag("Read the password from stdin", "--password-stdin");
    }

    internal override string Usage => "--username NAME --password-stdin [REGISTRY]";

    internal override string Details =>
        """
        Without REGISTRY, docker.io. The registry is asked first. What it accepts is kept where docker and podman keep it:
        ~/.docker/config.json, or the credential helper that is set there. The password is read from stdin, so that it is in no history.
        """;

    internal override IReadOnlyList<Example> Examples => [new("quilt login -u ci --password-stdin registry.example:5000 < password", "From a file")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        string registry = ServerAddress.RegistryOf(call.Get(_registry) ?? RegistryLogin.DockerHub);
        string username = call.Get(_username) ?? throw QuiltException.Invalid("--username", "login needs your name", "give --username NAME");
        if (!call.Get(_passwordStdin))
        {
            throw QuiltException.Invalid("--password-stdin", "login reads the password from stdin", "give --password-stdin, such as 'quilt login -u NAME --password-stdin REGISTRY < FILE'");
        }

        string password = StandardInput.ReadText().TrimEnd('\r', '\n');
        RegistryCredential credential = new() { Username = username, Secret = password };
        await ToolCall.RunAsync(call, "checkRegistryLogin", new ToolArguments().Add("registry", registry).Add("credentials", RegistryLogin.Of(credential)));
        string where = await DockerConfig.Open().SaveAsync(registry, credential, CancellationToken.None);
        call.Streams.Error.WriteLine($"quilt: kept for {registry} in {where}");
        return 0;
    }
}
