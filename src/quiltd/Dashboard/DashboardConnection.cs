namespace Quilt.Daemon;

/// <summary>Of a connection that came through the dashboard's address: it always needs a token, the operator's too.</summary>
internal sealed class DashboardConnection
{
    internal static DashboardConnection Instance { get; } = new();
}
