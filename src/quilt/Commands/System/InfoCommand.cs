using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class InfoCommand(string name) : CliCommand(name, "Show the daemon, its host and what it holds")
{
    internal override string Usage => "";

    internal override IReadOnlyList<Example> Examples => [new($"quilt {Name} --json", "For a program")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        GetInfoResponse info = await call.Daemon.GetInfoAsync(new GetInfoRequest());
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, ViewOf.Info(info), j => j.InfoView);
        }
        else
        {
            Write(call.Out, call.Streams.Style, info, call.Address, DateTimeOffset.UtcNow);
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, GetInfoResponse info, DaemonAddress address, DateTimeOffset now) => new FieldList()
        .Add("quiltd", $"{info.Version} at {address}")
        .Add("started", Ago.Text(info.StartedAt, now))
        .Add("containers", string.Join(", ", info.ContainersByState.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Value} {s.Key}")))
        .Add("images", info.Images.ToString(CultureInfo.InvariantCulture))
        .Add("kernel", $"{info.Kernel} {info.Architecture}")
        .Add("cgroups", info.CgroupMode)
        .Add("cpus", info.Cpus.ToString(CultureInfo.InvariantCulture))
        .Add("memory", new ByteSize(info.MemoryBytes).ToString())
        .Add("warm shims", info.WarmShims.ToString(CultureInfo.InvariantCulture))
        .Add("features", string.Join(", ", info.Features))
        .Add("state", info.StateDir)
        .Add("run", info.RunDir)
        .Write(to, style);
}
