using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>What people see of what tools answer.</summary>
public sealed class ToolOutputTests
{
    private const string Agent =
        """{"id":"a1","name":"helper","parent":"root","createdAt":"2026-01-31T11:00:00Z","level":"limited","scopes":["primitive","cognitive"],"limits":{"containers":8,"edges":100,"memory":1073741824,"pids":64,"ttl":"1h"},"usage":{"containers":2,"memory":268435456,"cpus":0,"edges":3,"ports":1,"execs":1}}""";

    private static readonly (string Command, string Answer)[] Answers =
    [
        ("agent create", $$"""{"agent":{{Agent}},"token":"qt_secret","tokenId":"t1","warnings":["no limit of cpus"]}"""),
        ("agent ls", $$"""{"agents":[{{Agent}},{"id":"a2","name":"bare"}]}"""),
        ("agent inspect", $$$"""{"agent":{{{Agent}}},"config":{"level":"limited"}}"""),
        ("agent rm", """{"agent":"helper","removedContainers":["c1","c2"],"revokedTokens":1}"""),
        ("agent token create", """{"tokenId":"t2","token":"qt_secret","expiresAt":"2026-01-31T14:00:00Z"}"""),
        ("agent token ls", """{"tokens":[{"tokenId":"t1","agent":"helper","createdAt":"2026-01-31T11:00:00Z","revoked":true},{"tokenId":"t2","agent":"helper","createdAt":"2026-01-31T11:59:00Z","expiresAt":"2026-01-31T14:00:00Z","revoked":false,"lastUsedAt":"2026-01-31T11:59:50Z"}]}"""),
        ("agent token revoke", """{"tokenId":"t2","revoked":true}"""),
        ("session begin", """{"session":{"id":"s1","name":"work","agent":"helper","state":"active","createdAt":"2026-01-31T12:00:00Z","expiresAt":"2026-01-31T13:00:00Z","endsAt":"2026-01-31T13:00:00Z","containers":0}}"""),
        ("session ls", """{"sessions":[{"id":"s1","name":"work","agent":"helper","state":"active","createdAt":"2026-01-31T11:00:00Z","origin":"cli","containers":3},{"id":"s2","agent":"helper","state":"orphaned","createdAt":"2026-01-30T11:00:00Z","endsAt":"2026-01-31T12:05:00Z","containers":["c1"]}]}"""),
        ("session end", """{"session":"s1","report":{"containers":[{"id":"0123456789abcdef","name":"web","outcome":"removed","exitCode":137,"forced":true}],"tasks":["k1"]}}"""),
        ("task begin", """{"task":{"id":"k1","name":"build","session":"s1","agent":"helper","state":"active","createdAt":"2026-01-31T12:00:00Z","containers":0}}"""),
        ("task ls", """{"tasks":[{"id":"k1","name":"build","session":"s1","agent":"helper","state":"active","createdAt":"2026-01-31T11:58:00Z","expiresAt":"2026-01-31T12:28:00Z","endsAt":"2026-01-31T12:28:00Z","containers":1}]}"""),
        ("task end", """{"task":"k1","report":{"containers":[],"tasks":[]}}"""),
        ("connect", """{"connection":{"id":"e1","from":"c1","fromName":"web","to":"c2","toName":"db","alias":"main","port":5432,"protocol":"tcp","address":"10.201.0.3"},"isNew":true}"""),
        ("sever", """{"connectionId":"e1","packets":3,"bytes":180}"""),
        ("topology", """{"nodes":[{"id":"c1","name":"web","state":"running","address":"10.201.0.2"},{"id":"c2","name":"db","state":"exited"}],"networks":[{"id":"n1","name":"backend","policy":"open","subnet":"10.202.0.0/24","egress":["deb.debian.org:443"],"members":[{"container":"c1","address":"10.202.0.2"}],"packets":4,"bytes":400}],"edges":[{"connection":{"id":"e1","from":"c1","toName":"db","port":5432,"protocol":"tcp"},"packets":12,"bytes":4096},{"connection":{"id":"e2","from":"c1","toName":"*.debian.org","port":443,"protocol":"tcp","expiresAt":"2026-01-31T12:30:00Z"},"packets":0,"bytes":0}],"ports":[{"containerName":"web","port":80,"hostAddress":"127.0.0.1:8080"}]}"""),
        ("port bind", """{"container":"c1","containerName":"web","port":80,"hostIp":"127.0.0.1","hostPort":8080,"hostAddress":"127.0.0.1:8080","protocol":"tcp"}"""),
        ("port unbind", """{"hostAddress":"127.0.0.1:8080","protocol":"udp"}"""),
        ("port expose", """{"container":"c1","port":80,"protocol":"tcp","isNew":true,"networks":["backend"]}"""),
        ("port unexpose", """{"container":"c1","port":80,"protocol":"tcp"}"""),
        ("network create", """{"network":{"id":"n1","name":"backend","policy":"isolated","subnet":"10.202.0.0/24","subnet6":"fd00::/64"}}"""),
        ("network ls", """{"networks":[{"id":"n1","name":"backend","policy":"open","subnet":"10.202.0.0/24","createdAt":"2026-01-31T11:00:00Z","members":[{"containerName":"web"}]}]}"""),
        ("network inspect", """{"networks":[{"id":"n1","name":"backend","policy":"open","subnet":"10.202.0.0/24","subnet6":"fd00::/64","egress":["deb.debian.org:443"],"createdAt":"2026-01-31T11:00:00Z","packets":4,"bytes":400,"members":[{"containerName":"web","address":"10.202.0.2","address6":"fd00::2","aliases":["front"]}]}]}"""),
        ("network rm", """{"network":{"name":"backend"}}"""),
        ("network connect", """{"member":{"containerName":"web","address":"10.202.0.2","address6":"fd00::2"},"isNew":true}"""),
        ("network disconnect", """{"network":{"name":"backend"}}"""),
        ("port ls", """{"ports":[{"containerName":"web","port":80,"hostAddress":"[::1]:8080","protocol":"tcp"},{"containerName":"dns","port":53,"hostAddress":"127.0.0.1:5353","protocol":"udp"}]}"""),
        ("audit", """{"entries":[{"cursor":7,"time":"2026-01-31T11:59:00Z","agent":"helper","session":"s1","face":"mcp","tool":"execInContainer","arguments":{"container":"web"},"outcome":"denied","code":"permission_denied","rule":"level","durationMs":0.4}],"cursor":7}"""),
    ];

    [Fact]
    public void What_is_shown_of_agents_sessions_and_tasks_is_as_it_was() => Snapshot.Check("tools.txt", CommandLine.Write(to =>
    {
        foreach ((string name, string answer) in Answers)
        {
            to.WriteLine($"== {name}");
            ((ToolCommand)CommandTable.Find(name)!).Write(to, Style.Plain, Read(answer), Samples.Now);
        }

        to.WriteLine("== tool ls");
        ToolListCommand.Write(to, Style.Plain, [Samples.Tool]);
        to.WriteLine("== tool describe");
        ToolDescribeCommand.Write(to, Style.Plain, Samples.Tool);
        to.WriteLine("== tool describe --json");
        CliJson.WriteDocument(to, ViewOf.ToolDetail(Samples.Tool), j => j.ToolDetailView);
        to.WriteLine("== tool ls --json");
        CliJson.WriteDocument(to, [ViewOf.Tool(Samples.Tool)], j => j.ToolViewArray);
        to.WriteLine("== mcp install --json");
        CliJson.WriteDocument(to, new McpInstalledView("zed", "/home/me/.config/zed/settings.json", "quilt", true, null), j => j.McpInstalledView);
    }));

    /// <summary>A daemon that tells less, or otherwise, than we know of is shown all the same.</summary>
    [Fact]
    public void An_answer_of_another_shape_breaks_nothing() => Assert.All(Answers, a => Assert.All(
        (string[])["{}", "null", "[]", """{"agent":null,"agents":{},"sessions":"x","report":7,"tasks":[null],"entries":[{}]}"""],
        shape => CommandLine.Write(to => ((ToolCommand)CommandTable.Find(a.Command)!).Write(to, Style.Plain, Read(shape), Samples.Now))));

    [Theory]
    [InlineData("{\"name\": \"a\"}", "a")]
    [InlineData("# c\nname: \"b\" # c\nlevel: safe\n", "b")]
    [InlineData("nested:\n  name: c\n", null)]
    [InlineData("{", null)]
    public void The_name_of_an_agent_is_found_in_its_configuration(string config, string? name) => Assert.Equal(name, AgentCreateCommand.NameIn(config));

    [Theory]
    [InlineData("agent create helper", """{"name":"helper"}""")]
    [InlineData("agent create --no-token --token-ttl 1h x", """{"name":"x","issueToken":false,"tokenTtl":"1h"}""")]
    [InlineData("agent rm -f x", """{"agent":"x","force":true}""")]
    [InlineData("agent inspect", "{}")]
    [InlineData("session begin --ttl 1h --idle-timeout 5m --orphan-grace 30s n", """{"name":"n","ttl":"1h","idleTimeout":"5m","orphanGrace":"30s"}""")]
    [InlineData("--session s1 task begin build", """{"name":"build","session":"s1"}""")]
    [InlineData("connect web db:5432", """{"from":"web","to":"db","port":5432,"protocol":"tcp"}""")]
    [InlineData("connect --alias x --ttl 1h web 192.0.2.0/24:53/udp", """{"from":"web","to":"192.0.2.0/24","port":53,"protocol":"udp","alias":"x","ttl":"1h"}""")]
    [InlineData("sever web [2001:db8::1]:443", """{"from":"web","to":"2001:db8::1","port":443,"protocol":"tcp"}""")]
    [InlineData("topology --format dot", """{"format":"dot"}""")]
    [InlineData("port bind web 80", """{"container":"web","port":80}""")]
    [InlineData("port bind web [::1]:0:80", """{"container":"web","port":80,"hostPort":0,"hostIp":"::1"}""")]
    [InlineData("port bind dns [::1]:53:5353/udp", """{"container":"dns","port":5353,"hostPort":53,"hostIp":"::1","protocol":"udp"}""")]
    [InlineData("port ls", "{}")]
    [InlineData("port ls web", """{"container":"web"}""")]
    [InlineData("network create --ipv6 n", """{"name":"n","ipv6":true}""")]
    [InlineData("update --pids -1 web db", """{"container":"web","pids":-1}""")]
    [InlineData("update --disk 2GiB web", """{"container":"web","disk":"2GiB"}""")]
    [InlineData("port unbind 127.0.0.2:8080", """{"hostPort":8080,"hostIp":"127.0.0.2"}""")]
    [InlineData("port unbind [::1]:53/udp", """{"hostPort":53,"hostIp":"::1","protocol":"udp"}""")]
    [InlineData("network create --isolated --egress a.example:443 --egress host:80 n", """{"name":"n","policy":"isolated","egress":["a.example:443","host:80"]}""")]
    [InlineData("network create --task t n", """{"name":"n","strategy":"task","taskId":"t"}""")]
    [InlineData("network connect --alias x --ip 10.7.0.9 n web", """{"network":"n","container":"web","aliases":["x"],"ip":"10.7.0.9"}""")]
    [InlineData("network rm -f n", """{"network":"n","force":true}""")]
    [InlineData("port expose --service s web 53/udp", """{"container":"web","port":53,"protocol":"udp","name":"s"}""")]
    [InlineData("port unexpose web 53", """{"container":"web","port":53,"protocol":"tcp"}""")]
    [InlineData("task end k1", """{"task":"k1"}""")]
    [InlineData("audit --agent a --tool t --outcome denied --limit 5 --since 7", """{"cursor":7,"agent":"a","tool":"t","outcome":"denied","limit":5}""")]
    public void A_command_gives_its_tool_what_was_given(string line, string arguments)
    {
        (CliCommand command, Invocation call) = CommandLine.Parse(line.Split(' '));
        Assert.Equal(arguments, ((ToolCommand)command).ArgumentsOf(call).ToString());
    }

    [Theory]
    [InlineData("connect web db")]
    [InlineData("connect web :5432")]
    [InlineData("connect web db:0")]
    [InlineData("connect web db:65536")]
    [InlineData("connect web db:53/icmp")]
    [InlineData("connect web db:53/tcp/udp")]
    [InlineData("port bind web 70000")]
    [InlineData("port bind web x:80")]
    [InlineData("port bind web 80:80/sctp")]
    [InlineData("port bind web 80/udp:80")]
    [InlineData("port unbind 0")]
    [InlineData("port unbind 53/")]
    [InlineData("port expose web x")]
    [InlineData("port expose web 80/icmp")]
    public void What_names_no_port_is_refused_before_anybody_is_asked(string line)
    {
        (CliCommand command, Invocation call) = CommandLine.Parse(line.Split(' '));
        QuiltException error = Assert.Throws<QuiltException>(() => ((ToolCommand)command).ArgumentsOf(call));
        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void Progress_is_one_line() => Assert.Equal("3/10  pulling  now", ProgressDisplay.Text(new ToolProgress { Progress = 3, Total = 10, Message = "pulling\n\u001bnow" }));

    [Fact]
    public void The_program_that_runs_agents_gets_token_and_session_by_its_environment_alone()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("--host", "unix:///x/y", "--token", "secret", "--session", "s1", "agent", "run", "--config", "c.yaml", "--timeout", "5m", "--max-tokens", "9", "do it");
        Assert.Equal(["quilt-cognition", "run", "--config", "c.yaml", "--max-tokens=9", "--timeout=5m", "do it"], ((AgentRunCommand)command).Words(call, "c.yaml"));
        string[] environ = AgentRunCommand.Environ(call);
        Assert.Superset(new HashSet<string> { "QUILT_HOST=unix:///x/y", "QUILT_TOKEN=secret", "QUILT_SESSION=s1" }, environ.ToHashSet());
    }

    private static ToolAnswer Read(string json) => new(JsonDocument.Parse(json).RootElement);
}
