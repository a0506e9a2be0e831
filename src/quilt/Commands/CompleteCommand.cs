using System.CommandLine;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>What the completion scripts ask: the words so far, the last of them unfinished.</summary>
internal sealed class CompleteCommand : CliCommand
{
    internal const string HiddenName = "__complete";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal CompleteCommand()
        : base(HiddenName, "Answer a shell's completion")
    {
    }

    internal override string Usage => "-- WORD…";

    internal override bool TakesCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
        string[] words = call.ContainerCommand.Length == 0 ? [""] : call.ContainerCommand;
        foreach (Candidate candidate in await CandidatesAsync(call, words[..^1], words[^1]))
        {
            if (candidate.Text.StartsWith(words[^1], StringComparison.Ordinal))
            {
                call.Out.WriteLine(candidate.Meaning.Length == 0 ? candidate.Text : $"{candidate.Text}\t{candidate.Meaning}");
            }
        }

        return 0;
    }

    private static async Task<IReadOnlyList<Candidate>> CandidatesAsync(Invocation call, string[] before, string current)
    {
        CompletionPoint point = CompletionPoint.Of(before, current);
        if (point.Wants == ArgumentKind.None)
        {
            return point.Candidates;
        }

        try
        {
            DaemonClient daemon = Daemon(call, point);
            return point.Wants switch
            {
                ArgumentKind.Container => await ContainersAsync(daemon),
                ArgumentKind.Image => await ImagesAsync(daemon),
                ArgumentKind.Tool => await ToolsAsync(daemon),
                ArgumentKind.Agent => await AnsweredAsync(daemon, "listAgents", "agents", "name", "level"),
                ArgumentKind.Session => await AnsweredAsync(daemon, "listSessions", "sessions", "id", "name"),
                ArgumentKind.Task => await AnsweredAsync(daemon, "listTasks", "tasks", "id", "name"),
                _ => point.Candidates,
            };
        }
        catch (Exception)
        {
            return []; // without a daemon there are no names to offer, and nobody to tell in the middle of a line
        }
    }

    private static DaemonClient Daemon(Invocation call, CompletionPoint point) =>
        point.Host is { } host ? DaemonConnection.Open(DaemonAddress.Parse(host, "--host"), call.Caller).Client : call.Daemon;

    private static async Task<IReadOnlyList<Candidate>> ContainersAsync(DaemonClient daemon)
    {
        ListContainersResponse answer = await daemon.ListContainersAsync(new ListContainersRequest { All = true }, Patience);
        return [.. answer.Containers.Select(c => new Candidate(c.Name, $"{ViewOf.State(c.State)}, {c.Image}"))];
    }

    private static async Task<IReadOnlyList<Candidate>> ToolsAsync(DaemonClient daemon)
    {
        ListToolsResponse answer = await daemon.ListToolsAsync(new ListToolsRequest(), Patience);
        return [.. answer.Tools.Select(t => new Candidate(t.Name, t.Title))];
    }

    /// <summary>Of a tool's list, what each is called and what is said of it.</summary>
    private static async Task<IReadOnlyList<Candidate>> AnsweredAsync(DaemonClient daemon, string tool, string list, string name, string meaning)
    {
        ToolAnswer answer = await ToolCall.RunAsync(daemon, tool, Patience);
        return [.. answer[list].Items.Select(i => new Candidate(i[name].Text, i[meaning].Text))];
    }

    private static async Task<IReadOnlyList<Candidate>> ImagesAsync(DaemonClient daemon)
    {
        ListImagesResponse answer = await daemon.ListImagesAsync(new ListImagesRequest(), Patience);
        return [.. answer.Images.Select(i => new Candidate(i.Reference, ""))];
    }
}
