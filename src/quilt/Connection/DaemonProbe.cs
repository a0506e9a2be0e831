using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Whether quiltd can be reached, as a finding.</summary>
internal static class DaemonProbe
{
    private const string Name = "quiltd";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static async Task<HostFinding> LookAsync(Invocation call)
    {
        try
        {
            GetVersionResponse version = await call.Daemon.GetVersionAsync(new GetVersionRequest(), Patience);
            return new HostFinding(Name, $"{version.Version} at {call.Address}{Access(call.Address)}", null);
        }
        catch (Exception e)
        {
            QuiltException failure = Failure.From(e);
            return new HostFinding(Name, failure.Message, failure.Remedy ?? "see quiltd's log");
        }
    }

    /// <summary>Who may use the socket: to connect is to write to it (unix(7)).</summary>
    private static string Access(DaemonAddress address)
    {
        UnixFileMode mode = File.GetUnixFileMode(address.SocketPath);
        string who = mode.HasFlag(UnixFileMode.OtherWrite) ? "open to everybody on this host" : "for its owner and group";
        return $", {who} (mode {Convert.ToString((int)mode, 8)})";
    }
}
