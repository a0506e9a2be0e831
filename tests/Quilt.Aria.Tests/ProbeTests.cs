using Quilt.Engine;
using Quilt.Linux;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class ProbeTests
{
    private static readonly ContainerState.Running Running = new(new ProcessIdentity(1, 1), default);

    [Fact]
    public void A_container_is_probed_while_it_runs_and_neither_stands_still_nor_ends()
    {
        Assert.True(Running.MayBeProbed);
        Assert.False((Running with { Paused = true }).MayBeProbed);
        Assert.False((Running with { Still = true }).MayBeProbed);
        Assert.False((Running with { Stopping = true }).MayBeProbed);
    }
}
