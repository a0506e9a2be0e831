using System.Reflection;
using System.Text.Json;
using CsCheck;
using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

/// <summary>Whatever is delegated: nobody comes to more than what is above him.</summary>
public sealed class GrantTests
{
    private static readonly Gen<string> Name = Any("createContainer", "startContainer", "removeContainer", "execInContainer", "ponderTool");

    private static readonly Gen<string> Pattern = Gen.Select(Gen.String[Gen.Char["ab*"], 0, 4], t => Limit(t.Length == 0 ? "*" : t));

    private static readonly Gen<Grant> Grants = Gen.Select(
        Any<IReadOnlyList<ToolScope>>([ToolScope.Primitive], [ToolScope.Cognitive], [ToolScope.Primitive, ToolScope.Cognitive]),
        Gen.OneOf(Name, Any("*", "create*", "*Container", "*Tool")).Array[0, 3].Select(a => a.Length == 0 ? null : (IReadOnlyList<string>?)a),
        Name.Array[0, 2], Gen.Enum<SecurityLevel>(),
        Gen.Int[-1, 4].Select(i => i < 0 ? null : (int?)i), Pattern.Array[0, 3],
        (scopes, allow, deny, level, containers, images) => new Grant
        {
            Tools = new ToolGrant { Scopes = scopes, Allow = allow, Deny = deny, Level = level },
            Limits = new AgentLimits { Containers = containers },
            Images = images.Length == 0 ? null : images,
            Egress = images,
        });

    [Fact]
    public void No_sequence_of_delegations_widens_a_grant() => Gen.Select(Grants.Array[1, 5], Name, Gen.Enum<ToolScope>(), Gen.Enum<SecurityLevel>(), Gen.String[Gen.Char["ab"], 0, 4]).Sample(
        (grants, name, scope, level, image) =>
        {
            Agent agent = Agent.Operator;
            foreach (Grant grant in grants)
            {
                Agent child = new($"{grants.Length}", "x", agent, new AgentConfig { Grant = grant }, default);
                if (Accepted(grant, agent))
                {
                    // What is accepted says nothing of its own that one above it would not say too, but for what that one denies.
                    Assert.All(agent.Chain, above => Assert.True(!Images(grant, image) || grant.Images is null || Images(above.Config.Grant, image)));
                    agent = child;
                }

                // Accepted or not: together with those above it, it allows nothing that one of them does not.
                ToolDefinition tool = new(name) { Title = "", Description = "", Scope = scope, Level = level };
                Assert.True(!ExecutionEngine.MayCall(child, tool) || child.Chain.All(a => a.Config.Grant.Tools.Decide(name, scope, level).Allowed));
                Assert.True(!ExecutionEngine.MayCall(child, tool) || ExecutionEngine.MayCall(child.Parent!, tool));
            }
        }, iter: 3000);

    [Fact]
    public void A_pattern_that_covers_another_matches_all_that_it_matches() => Gen.Select(Pattern, Pattern, Gen.String[Gen.Char["ab"], 0, 6]).Sample(
        (wide, narrow, text) => Assert.True(!Aria.Pattern.Covers(wide, narrow) || !Aria.Pattern.Matches(narrow, text) || Aria.Pattern.Matches(wide, text), $"{wide} {narrow} {text}"), iter: 20_000);

    [Theory]
    [InlineData("quilt/*", "quilt/busybox", true)]
    [InlineData("*.debian.org", "deb.debian.org", true)]
    [InlineData("*.debian.org", "debian.org", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("exact", "exactly", false)]
    [InlineData("a*", "*", false)]
    public void A_star_is_any_part_of_a_text(string pattern, string text, bool matches) => Assert.Equal(matches, Aria.Pattern.Covers(pattern, text));

    /// <summary>Of every part that a grant has: one that is added has to be added here.</summary>
    public static TheoryData<string> Parts =>
    [
        "tools.level", "tools.scopes",
        .. PartsOf(typeof(Grant), "").Except(["tools", "limits"]),
        .. PartsOf(typeof(AgentLimits), "limits."),
    ];

    [Theory]
    [MemberData(nameof(Parts))]
    public void More_than_is_had_is_refused_by_its_field(string field)
    {
        Grant parent = new()
        {
            Limits = new AgentLimits
            {
                Containers = 2, Memory = new ByteSize(1 << 30), Cpus = 1, Pids = 100, Disk = new ByteSize(1 << 30), Volumes = 2, Networks = 2, Edges = 2, Ports = 2, Snapshots = 2, Execs = 2, Calls = 2, Agents = 2,
                Ttl = TimeSpan.FromHours(1),
            },
            Images = ["quilt/*"],
            Registries = ["docker.io"],
            Secrets = ["ci-*"],
            Capabilities = ["NET_RAW"],
            Egress = ["*.debian.org"],
            HostPaths = [new HostPathGrant { Path = "/srv/a" }],
            Ports = [new PortGrant { From = 8000, To = 8010 }],
        };
        Grant child = field switch
        {
            "limits.containers" => parent with { Limits = parent.Limits with { Containers = 3 } },
            "limits.memory" => parent with { Limits = parent.Limits with { Memory = new ByteSize(2L << 30) } },
            "limits.cpus" => parent with { Limits = parent.Limits with { Cpus = 1.5 } },
            "limits.pids" => parent with { Limits = parent.Limits with { Pids = 101 } },
            "limits.disk" => parent with { Limits = parent.Limits with { Disk = new ByteSize(2L << 30) } },
            "limits.volumes" => parent with { Limits = parent.Limits with { Volumes = 3 } },
            "limits.networks" => parent with { Limits = parent.Limits with { Networks = 3 } },
            "limits.edges" => parent with { Limits = parent.Limits with { Edges = 3 } },
            "limits.ports" => parent with { Limits = parent.Limits with { Ports = 3 } },
            "limits.snapshots" => parent with { Limits = parent.Limits with { Snapshots = 3 } },
            "limits.execs" => parent with { Limits = parent.Limits with { Execs = 3 } },
            "limits.calls" => parent with { Limits = parent.Limits with { Calls = 3 } },
            "limits.agents" => parent with { Limits = parent.Limits with { Agents = 3 } },
            "limits.ttl" => parent with { Limits = parent.Limits with { Ttl = TimeSpan.FromHours(2) } },
            "tools.level" => parent with { Tools = parent.Tools with { Level = SecurityLevel.Dangerous } },
            "tools.scopes" => parent.WithCognitiveTools(),
            "images" => parent with { Images = ["*"] },
            "registries" => parent with { Registries = ["docker.io", "registry.example"] },
            "secrets" => parent with { Secrets = ["*"] },
            "capabilities" => parent with { Capabilities = ["SYS_ADMIN"] },
            "egress" => parent with { Egress = ["example.org"] },
            "hostPaths" => parent with { HostPaths = [new HostPathGrant { Path = "/srv/a/b", ReadOnly = false }] },
            "ports" => parent with { Ports = [new PortGrant { From = 8000, To = 8010, AnyAddress = true }] },
            _ => throw new NotSupportedException($"{field} is new: say here what is more of it"),
        };
        Attenuation.Check(parent, parent);
        QuiltException refused = Assert.Throws<QuiltException>(() => Attenuation.Check(child, parent));
        Assert.Equal((ErrorCode.PermissionDenied, field), (refused.Code, refused.Field));
    }

    [Fact]
    public void Trusted_configurations_get_the_primitive_tools_and_the_helpers_add_the_others()
    {
        Assert.Equal([ToolScope.Primitive], new AgentConfig().Grant.Tools.Scopes);
        Assert.Equal([ToolScope.Primitive, ToolScope.Cognitive], new Grant().WithCognitiveTools().Tools.Scopes);
        Assert.Equal([ToolScope.Cognitive, ToolScope.Primitive], new Grant { Tools = new ToolGrant { Scopes = [ToolScope.Cognitive] } }.WithPrimitiveTools().Tools.Scopes);
        Assert.Equal(SecurityLevel.Dangerous, new Grant().WithFullAccess().Tools.Level);
        Assert.Empty(new Grant().WithFullAccess().HostPaths);
    }

    private static IEnumerable<string> PartsOf(Type type, string prefix) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => prefix + JsonNamingPolicy.CamelCase.ConvertName(p.Name));

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Limit(string pattern) => pattern.IndexOf('*', StringComparison.Ordinal) is >= 0 and int first ? pattern[..(first + 1)] + pattern[(first + 1)..].Replace("*", "", StringComparison.Ordinal) : pattern;

    [Theory]
    [InlineData("*", "deb.debian.org", true)]
    [InlineData("*", "10.0.0.0/8", true)]
    [InlineData("*", "host:80", false)]
    [InlineData("host:*", "host:80", true)]
    [InlineData("host:80", "host:80", true)]
    [InlineData("host:80", "host:81", false)]
    [InlineData("*.debian.org", "*.deb.debian.org", true)]
    [InlineData("*.Debian.org", "deb.debian.ORG", true)]
    [InlineData("*.deb.debian.org", "*.debian.org", false)]
    [InlineData("debian.org", "*.debian.org", false)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false)]
    [InlineData("10.1.2.3", "10.1.2.3/32", true)]
    [InlineData("10.0.0.0/8", "2001:db8::/32", false)]
    [InlineData("1*", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", "example.org", false)]
    public void A_grant_of_ways_out_covers_what_lies_within(string wide, string narrow, bool covers) => Assert.Equal(covers, EgressPattern.Covers(wide, narrow));

    private static bool Images(Grant grant, string image) => grant.Images?.Any(p => Aria.Pattern.Matches(p, image)) ?? true;

    private static bool Accepted(Grant grant, Agent parent)
    {
        try
        {
            foreach (Agent above in parent.Chain)
            {
                Attenuation.Check(grant, above.Config.Grant);
            }

            return true;
        }
        catch (QuiltException e) when (e.Code == ErrorCode.PermissionDenied)
        {
            return false;
        }
    }
}
