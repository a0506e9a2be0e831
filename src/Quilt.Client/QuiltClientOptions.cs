using System.Net.Http;

namespace Quilt.Client;

/// <summary>Where quiltd is and who calls. What is not set is taken from the environment, as the command line does.</summary>
public sealed class QuiltClientOptions
{
    /// <summary>
    /// <c>unix:///path</c> or <c>https://host:port</c>; else <c>QUILT_HOST</c>, else <c>unix:///run/quilt/quilt.sock</c>.
    /// <c>http</c> is for this machine's own loopback alone: a token goes with every call.
    /// </summary>
    public string? Host { get; set; }

    /// <summary>The token of the agent to speak for; else <c>QUILT_TOKEN</c>, else what the file holds that <c>QUILT_TOKEN_FILE</c> names. Without any, the operator calls, who needs the socket.</summary>
    public string? Token { get; set; }

    /// <summary>The id of the session to be in; else <c>QUILT_SESSION</c>, else the agent's standing one. Empty: the standing one, whatever <c>QUILT_SESSION</c> says.</summary>
    public string? Session { get; set; }

    /// <summary>A last word on how connections are made, such as a certificate authority of one's own. Not called for a Unix socket.</summary>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }

    /// <summary>The token is nobody's to read.</summary>
    public override string ToString() => $"{Host ?? "the environment's quiltd"}{(Session is null ? "" : $" in {Session}")}";
}
