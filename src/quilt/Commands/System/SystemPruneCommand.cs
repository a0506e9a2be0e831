using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class SystemPruneCommand : CliCommand
{
    private readonly Option<bool> _all, _volumes, _force;

    internal SystemPruneCommand()
        : base("system prune", "Remove containers that have ended, and what nobody needs")
    {
        _all = Flag("Also images with a name that no container is made of", "--all", "-a");
        _volumes = Flag("Also the volumes that no container has", "--volumes");
        _force = Flag("Do not ask", "--force", "-f");
    }

    internal override string Usage => "[-a] [--volumes] [-f]";

    internal override string Details => "Of what is the caller's: containers that have ended, images without a name, and what builds keep for the next one. It asks first, unless -f says not to; without a terminal it wants -f.";

    internal override IReadOnlyList<Example> Examples => [new("quilt system prune -af --volumes", "All that does not run, without asking")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        if (!call.Get(_force) && !Confirm(call))
        {
            return 1;
        }

        List<string> removed = [];
        foreach (string id in await EndedAsync(call))
        {
            try
            {
                await ToolCall.RunAsync(call, "removeContainer", new ToolArguments().Add("container", id));
                removed.Add(id);
            }
            catch (Exception e) when (Failure.From(e).Code is ErrorCode.NotFound or ErrorCode.FailedPrecondition)
            {
                // Gone already, or started again meanwhile.
            }
        }

        if (call.Get(_volumes))
        {
            removed.AddRange((await ToolCall.RunAsync(call, "pruneVolumes", new ToolArguments()))["removed"].Items.Select(n => n.Text));
        }

        // Last: what the containers were made of is used no more.
        ToolAnswer images = await ToolCall.RunAsync(call, "pruneImages", new ToolArguments().Add("all", call.Get(_all), unless: false).Add("buildCache", true, unless: false));
        removed.AddRange(images["removed"].Items.Select(n => n.Text));
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, new PruneView(removed, images["freedBytes"].Json.GetInt64()), j => j.PruneView);
        }
        else
        {
            removed.ForEach(call.Out.WriteLine);
            call.Out.WriteLine($"{ImageRows.Size(images["freedBytes"])} of images freed");
        }

        return 0;
    }

    /// <summary>All of them: the tool answers in pages.</summary>
    private static async Task<List<string>> EndedAsync(Invocation call)
    {
        List<string> ids = [];
        string? cursor = null;
        do
        {
            ToolAnswer page = await ToolCall.RunAsync(call, "listContainers", new ToolArguments().Add("state", "exited").Add("cursor", cursor));
            ids.AddRange(page["containers"].Items.Select(c => c["id"].Text));
            cursor = page["cursor"] is { IsThere: true } next ? next.Text : null;
        }
        while (cursor is not null);
        return ids;
    }

    private bool Confirm(Invocation call) => Confirmation.Given(
        call, $"Remove all containers that have ended, images {(call.Get(_all) ? "that no container is made of" : "without a name")}, what builds keep{(call.Get(_volumes) ? ", and volumes that no container has" : "")}");
}
