namespace Quilt.Client;

/// <summary>Strategies as they go over the wire.</summary>
internal static class StrategyNames
{
    internal static string Of(ContainerStrategy strategy) => strategy switch
    {
        ContainerStrategy.Ephemeral => "ephemeral",
        ContainerStrategy.Task => "task",
        ContainerStrategy.Service => "service",
        _ => "session",
    };

    internal static ContainerStrategy Parse(string name) => Array.Find(Enum.GetValues<ContainerStrategy>(), s => Of(s) == name);
}
