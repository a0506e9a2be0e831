using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>Reads an agent's configuration as people write it: YAML, of which JSON is a part.</summary>
internal static class AgentConfigReader
{
    /// <param name="schema">Of <see cref="AgentConfig"/>.</param>
    /// <exception cref="QuiltException">InvalidArgument: where, and what is wrong.</exception>
    internal static AgentConfig Read(string text, Schema schema)
    {
        JsonElement json = ConfigText.Parse(text, "configText");
        schema.Check(json);
        try
        {
            return Check(json.Deserialize(AriaJson.Default.AgentConfig)!);
        }
        catch (JsonException e)
        {
            throw ValueException.Told(e, "config", "see docs/agents.md for the fields");
        }
    }

    /// <summary>What no schema can say.</summary>
    internal static AgentConfig Check(AgentConfig config)
    {
        Grant grant = config.Grant;
        foreach ((string field, IReadOnlyList<string>? patterns) in ((string, IReadOnlyList<string>?)[])
            [("tools.allow", grant.Tools.Allow), ("tools.deny", grant.Tools.Deny), ("images", grant.Images), ("registries", grant.Registries), ("secrets", grant.Secrets), ("capabilities", grant.Capabilities), ("egress", grant.Egress)])
        {
            if (patterns?.FirstOrDefault(p => !Pattern.IsValid(p)) is { } wrong)
            {
                throw QuiltException.Invalid($"grant.{field}", $"'{wrong}' cannot be matched", Pattern.Remedy);
            }
        }

        // What means nothing would grant nothing, silently.
        if (grant.Capabilities.FirstOrDefault(c => !c.Contains('*', StringComparison.Ordinal) && Capabilities.NumberOf(c) < 0) is { } capability)
        {
            throw QuiltException.Invalid("grant.capabilities", $"'{capability}' is no capability", "give names of capabilities(7), such as NET_ADMIN, or a pattern with '*'");
        }

        if (grant.Egress.FirstOrDefault(e => !EgressPattern.IsValid(e)) is { } egress)
        {
            throw QuiltException.Invalid("grant.egress", $"'{egress}' leads nowhere", "give a name, a '*.' name, an address range in CIDR form, host:PORT, host:*, or '*'; connections say the port");
        }

        if (grant.HostPaths.FirstOrDefault(p => !p.Path.StartsWith('/') || p.Path.Split('/').Contains("..")) is { } path)
        {
            throw QuiltException.Invalid("grant.hostPaths", $"'{path.Path}' is no absolute path without '..'", "begin it with '/'");
        }

        if (grant.Ports.FirstOrDefault(p => p.From > p.To) is { } ports)
        {
            throw QuiltException.Invalid("grant.ports", $"the ports {ports.From} to {ports.To} are none", "give the lower one first");
        }

        return config;
    }
}
