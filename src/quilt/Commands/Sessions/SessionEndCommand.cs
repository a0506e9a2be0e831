using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SessionEndCommand : ToolCommand
{
    private readonly Argument<string?> _session;

    internal SessionEndCommand()
        : base("session end", "End a session, and tell what became of its containers") => _session = OptionalWord("SESSION");

    internal override string Usage => "[SESSION]";

    internal override string Details => "Without SESSION, the one that --session or QUILT_SESSION names.";

    internal override IReadOnlyList<Example> Examples => [new("quilt session end \"$QUILT_SESSION\"", "Its containers of strategy session and task go with it")];

    internal override ArgumentKind Completes => ArgumentKind.Session;

    protected override string Tool => "endSession";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("session", call.Get(_session));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        to.WriteLine(answer["session"]["id"].IsThere ? answer["session"]["id"].Text : answer["session"].Text);
        EndReport.Write(to, style, answer["report"]);
    }
}
