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
        _ttl = Value("DURATION", "How long the link holds, at most 24h (12h)", "--ttl");
    }

    internal override string Usage => "[--agent AGENT] [--ttl DURATION]";

    internal override string Details =>
        "quiltd has to serve it: quiltd --dashboard 127.0.0.1:7420. The link holds a token. Whoever has it is the operator, or the agent, until it ends;\n"
        + "'quilt agent token revoke ID' ends it, and every terminal, log and list that is open with it. The operator's is good for the dashboard alone.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("xdg-open \"$(quilt dashboard)\"", "Open it in a browser"),
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
        call.Streams.Error.WriteLine($"token {opened.TokenId}, for {Ago.Span(opened.ExpiresAt.ToDateTimeOffset() - DateTimeOffset.UtcNow)}: whoever has the link may do there what its token may");
        return 0;
    }
}
