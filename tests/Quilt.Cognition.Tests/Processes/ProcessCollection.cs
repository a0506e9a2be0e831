namespace Quilt.Cognition.Tests.Processes;

/// <summary>Tests that look for what is left on the machine; beside others they would find theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "processes";
}
