using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SessionBeginCommand : ToolCommand
{
    private readonly Argument<string?> _name;
    private readonly Option<string?> _ttl, _idle, _grace;

    internal SessionBeginCommand()
        : base("session begin", "Begin a session, whose containers end with it", "Print the id alone")
    {
        _name = OptionalWord("NAME");
        _ttl = Value("DURATION", "End it after this time, such as 8h", "--ttl");
        _idle = Value("DURATION", "End it when nothing was asked in it for so long", "--idle-timeout");
        _grace = Value("DURATION", "How long its containers live on when who made it has gone", "--orphan-grace");
    }

    internal override string Usage => "[--ttl DURATION] [--idle-timeout DURATION] [--orphan-grace DURATION] [-q] [NAME]";

    internal override IReadOnlyList<Example> Examples => [new("export QUILT_SESSION=$(quilt session begin -q --ttl 1h)", "What follows in this shell is in it, until 'quilt session end'")];

    protected override string Tool => "beginSession";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("name", call.Get(_name))
        .Add("ttl", call.Get(_ttl))
        .Add("idleTimeout", call.Get(_idle))
        .Add("orphanGrace", call.Get(_grace));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["session"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => new FieldList()
        .Add("id", answer["session"]["id"].Text)
        .Add("name", answer["session"]["name"].Text)
        .Add("agent", AgentFields.Whose(answer["session"]["agent"]))
        .Add("expires", answer["session"]["endsAt"].When(now))
        .Add("idle timeout", answer["session"]["idleTimeout"].Text)
        .Add("orphan grace", answer["session"]["orphanGrace"].Text)
        .Write(to, style);
}
