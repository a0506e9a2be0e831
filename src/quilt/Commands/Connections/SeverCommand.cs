using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SeverCommand : ToolCommand
{
    private readonly Argument<string> _from, _to;

    internal SeverCommand()
        : base("sever", "Take a connection away, and end what flows over it")
    {
        _from = Word("FROM");
        _to = Word("TO:PORT");
    }

    internal override string Usage => "FROM TO:PORT[/PROTOCOL]";

    internal override IReadOnlyList<Example> Examples => [new("quilt sever web db:5432", "Open streams between the two on that port end at once")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "severConnection";

    internal override ToolArguments ArgumentsOf(Invocation call) => Destination.Parse(call.Get(_to)!).Add(new ToolArguments().Add("from", call.Get(_from)));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["connectionId"].Text);
}
