using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkCreateCommand : ToolCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _subnet, _strategy, _task;
    private readonly Option<bool> _isolated, _ipv6;
    private readonly Option<string[]> _egress;

    internal NetworkCreateCommand()
        : base("network create", "Make a network, whose members reach each other", "Print the id alone")
    {
        _name = Word("NAME");
        _isolated = Flag("The members reach no more of each other than what they expose", "--isolated");
        _subnet = Value("CIDR", "Addresses of its members (else a range that is free)", "--subnet");
        _ipv6 = Flag("Addresses of IPv6 beside those of IPv4, as docker has it; here every network has them", "--ipv6");
        _egress = Values("TO:PORT", "Where all members may go outside", "--egress");
        _task = Value("TASK", "The task that it ends with, by id or name", "--task");
        _strategy = Value("STRATEGY", "How long it lives: task, session (default) or service", "--strategy");
    }

    internal override string Usage => "[--isolated] [--subnet CIDR] [--ipv6] [--egress TO:PORT]... [--strategy STRATEGY] [--task TASK] [-q] NAME";

    internal override string Details => "Members find each other by name, as MEMBER and as MEMBER.NAME. TO is as 'quilt connect' takes it outside: a name, a range or host.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt network create backend", "Its members reach each other on every port"),
        new("quilt network create --isolated --subnet 10.7.0.0/24 services", "Its members reach what 'quilt port expose' opens"),
        new("quilt network create --egress deb.debian.org:443 build", "All members may fetch packages"),
    ];

    protected override string Tool => "createNetwork";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("name", call.Get(_name))
        .Add("policy", call.Get(_isolated) ? "isolated" : null)
        .Add("subnet", call.Get(_subnet))
        .Add("ipv6", call.Get(_ipv6), unless: false)
        .Add("egress", call.Get(_egress) ?? [])
        .Add("strategy", call.Get(_strategy) ?? (call.Get(_task) is null ? null : "task"))
        .Add("taskId", call.Get(_task));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["network"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["network"]["name"].Text}  {answer["network"]["policy"].Text}  {answer["network"]["subnet"].Text}  {answer["network"]["subnet6"].Text}");
}
