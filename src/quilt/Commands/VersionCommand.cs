using System.Reflection;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class VersionCommand() : CliCommand("version", "Show the versions of quilt and quiltd")
{
    internal const string Api = "quilt.v1";

    internal static string Client { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    internal override string Usage => "";

    internal override string Details => "'quilt --version' prints the program's alone and asks no daemon.";

    internal override IReadOnlyList<Example> Examples => [new("quilt version --json", "For a program")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        ClientVersionView client = new(Client, Api);
        DaemonVersionView? daemon = null;
        QuiltException? failure = null;
        try
        {
            GetVersionResponse answer = await call.Daemon.GetVersionAsync(new GetVersionRequest());
            daemon = new DaemonVersionView(answer.Version, answer.Api, answer.Runtime);
        }
        catch (Exception e) when (Failure.From(e).Code is ErrorCode.Unavailable or ErrorCode.PermissionDenied)
        {
            failure = Failure.From(e);
        }

        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, new VersionView(client, daemon), j => j.VersionView);
        }
        else
        {
            call.Out.WriteLine($"quilt   {client.Version} ({client.Api})");
            if (daemon is not null)
            {
                call.Out.WriteLine($"quiltd  {daemon.Version} ({daemon.Api}, {daemon.Runtime})");
            }
        }

        return failure is null ? 0 : throw failure;
    }
}
