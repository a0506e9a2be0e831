using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class DashboardCommand : CliCommand
{
    private readonly Option<string?> _agent, _ttl;

    internal DashboardCommand()
        : base("dashboard", "Print a link that opens the web dashboard")
    {
        _agent = Value("AGENT", "See what this agent sees, and may do what it may", "--agent");
        _ttl = Value("DURATION", "How long what it opens holds, at most 24h (12h)", "--ttl");
    }

    internal override string Usage => "[--agent AGENT] [--ttl DURATION]";

    internal override string Details =>
        """
        quiltd has to serve it: quiltd --dashboard 127.0.0.1:7420. The link opens it once, within a minute, for the operator or for the agent: paste it
        into the browser, for whatever stands on a command line is everybody's on the host to read, and who is quicker has it. Who comes second is
        refused, and what the first had opened ends. 'quilt agent token revoke ID' ends it too, with every terminal, log and list that is open; so
        does quiltd's own end.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt dashboard", "A link, for a browser on this host"),
        new("quilt dashboard --agent helper --ttl 1h", "To see what this agent sees, and do what it may"),
        new("ssh -L 7420:127.0.0.1:7420 HOST 'quilt dashboard; cat'", "From another machine: forward its port until Ctrl-C, and open the link there"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        OpenDashboardResponse opened = await call.Daemon.OpenDashboardAsync(new OpenDashboardRequest
        {
            Agent = call.Get(_agent) ?? "",
            Ttl = call.Get(_ttl) is { } ttl ? Duration.FromTimeSpan(DurationText.Parse(ttl, "--ttl")) : null,
        });
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, ViewOf.Dashboard(opened), j => j.DashboardView);
            return 0;
        }

        call.Out.WriteLine(opened.Url);
        call.Out.Flush();
        call.Streams.Error.WriteLine($"to be opened once, within a minute, by whoever has it; token {opened.TokenId}, for {Ago.Span(opened.ExpiresAt.ToDateTimeOffset() - DateTimeOffset.UtcNow)}");
        return 0;
    }
}
