using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Tests that look at this process's memory: no others run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
