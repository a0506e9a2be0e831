using System.Reflection;

namespace Quilt.Daemon;

internal static class DaemonVersion
{
    internal static string Text { get; } =
        typeof(DaemonVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
