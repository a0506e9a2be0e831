using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>Where an edge leads.</summary>
public abstract record EdgeTarget
{
    private EdgeTarget()
    {
    }

    /// <summary>It leads out of the fabric.</summary>
    public bool IsOutside => this is not (Container or Members);

    /// <summary>As it is kept: <c>container:ID</c>, <c>network:ID</c>, <c>name:*.debian.org</c>, <c>range:10.0.0.0/8</c>, <c>host:</c>.</summary>
    public abstract string Text { get; }

    public sealed override string ToString() => Text;

    public sealed record Container(ContainerId Id) : EdgeTarget
    {
        public override string Text => $"container:{Id}";
    }

    /// <summary>All containers that are in a network at the time.</summary>
    /// <param name="Id">The network's.</param>
    public sealed record Members(string Id) : EdgeTarget
    {
        public override string Text => $"network:{Id}";
    }

    /// <summary>Outside, by name: whatever public addresses it has at the time.</summary>
    /// <param name="Pattern">In lower case; with <c>*.</c> before it every name below, and not itself.</param>
    public sealed record Name(string Pattern) : EdgeTarget
    {
        public override string Text => $"name:{Pattern}";

        public bool Matches(string name) => Pattern.StartsWith("*.", StringComparison.Ordinal)
            ? name.Length > Pattern.Length - 1 && name.EndsWith(Pattern[1..], StringComparison.Ordinal)
            : name == Pattern;
    }

    /// <summary>Outside, by address.</summary>
    public sealed record Range(IPNetwork Network) : EdgeTarget
    {
        public override string Text => $"range:{Network}";
    }

    /// <summary>The host's own 127.0.0.1.</summary>
    public sealed record Host : EdgeTarget
    {
        /// <summary>By which a container finds it.</summary>
        public const string DnsName = "host";
        public override string Text => "host:";
    }

    /// <exception cref="FormatException">Nobody has written it with <see cref="Text"/>.</exception>
    internal static EdgeTarget Parse(string text) => text.Split(':', 2) switch
    {
        ["container", var id] => new Container(ContainerId.Parse(id)),
        ["network", var id] => new Members(id),
        ["name", var pattern] => new Name(pattern),
        ["range", var network] => new Range(IPNetwork.Parse(network)),
        ["host", ""] => new Host(),
        _ => throw new FormatException($"'{text}' is no target of an edge"),
    };
}
