using System.ComponentModel;

namespace Quilt.Aria;

/// <summary>
/// What an agent may do. It never stands alone: an agent may do what its own grant and those of all agents above it allow, so no
/// delegation widens anything, and a narrower parent narrows its children at once.
/// </summary>
public sealed record Grant
{
    [Description("Which tools it may call.")]
    public ToolGrant Tools { get; set; } = new();

    [Description("How much it may have at once.")]
    public AgentLimits Limits { get; set; } = new();

    [Description("Images it may use, such as 'quilt/*' or 'debian'; any that its parent may where it is left out.")]
    public IReadOnlyList<string>? Images { get; init; }

    [Description("Registries it may pull from and push to, such as 'docker.io' or 'registry.example:5000'; '*' for all. None where it is left out.")]
    public IReadOnlyList<string> Registries { get; set; } = [];

    [Description("Secrets that the operator keeps, by their names, such as 'ci-*', that it may use. None where it is left out.")]
    public IReadOnlyList<string> Secrets { get; set; } = [];

    [Description("Capabilities it may add to a container's standard ones, such as NET_RAW. None where it is left out.")]
    public IReadOnlyList<string> Capabilities { get; set; } = [];

    [Description("Where its containers may be connected to outside: names, '*.' names, address ranges, '*' for all of these, and 'host:PORT' for the host's own ports. Nowhere where it is left out.")]
    public IReadOnlyList<string> Egress { get; set; } = [];

    [Description("Paths of the host it may mount. None where it is left out.")]
    public IReadOnlyList<HostPathGrant> HostPaths { get; set; } = [];

    [Description("Ports of the host it may publish. None where it is left out.")]
    public IReadOnlyList<PortGrant> Ports { get; set; } = [];

    /// <summary>All there is: the operator's.</summary>
    public static Grant Everything { get; } = new()
    {
        Tools = new ToolGrant { Scopes = [.. Enum.GetValues<ToolScope>()], Level = SecurityLevel.Dangerous },
        Registries = ["*"],
        Secrets = ["*"],
        Capabilities = ["*"],
        Egress = ["*", "host:*"],
        HostPaths = [new HostPathGrant { Path = "/", ReadOnly = false }],
        Ports = [new PortGrant { From = 1, To = 65535, AnyAddress = true }],
    };

    /// <summary>Adds the control panel over containers.</summary>
    public Grant WithPrimitiveTools() => With(ToolScope.Primitive);

    /// <summary>Adds the language model's help.</summary>
    public Grant WithCognitiveTools() => With(ToolScope.Cognitive);

    /// <summary>The control panel and the language model's help, whole and at every level.</summary>
    public Grant WithFullAccess() => this with { Tools = Everything.Tools with { Scopes = [ToolScope.Primitive, ToolScope.Cognitive] } };

    private Grant With(ToolScope scope) => this with { Tools = Tools with { Scopes = [.. Tools.Scopes.Append(scope).Distinct()] } };
}
