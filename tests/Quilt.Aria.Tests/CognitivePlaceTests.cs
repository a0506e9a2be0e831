using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class CognitivePlaceTests
{
    // Nothing of an engine's is counted here.
    private readonly Quotas _quotas = new(null!, null!);

    [Fact]
    public void An_agent_with_all_below_it_has_so_many_at_once_and_others_have_theirs()
    {
        Agent one = Make("one", Agent.Operator), below = Make("below", one), other = Make("other", Agent.Operator);
        IDisposable?[] running = [.. Enumerable.Range(0, Quotas.MostCognitive).Select(i => _quotas.EnterCognitive(i % 2 == 0 ? one : below))];
        foreach (Agent agent in (Agent[])[one, below])
        {
            QuiltException refused = Assert.Throws<QuiltException>(() => _quotas.EnterCognitive(agent));
            Assert.Equal((ErrorCode.ResourceExhausted, null), (refused.Code, refused.Field));
            Assert.Contains($"{Quotas.MostCognitive} calls of cognitive tools", refused.Message, StringComparison.Ordinal);
        }

        _quotas.EnterCognitive(other)!.Dispose();
        Assert.All(Enumerable.Range(0, 2 * Quotas.MostCognitive), _ => Assert.Null(_quotas.EnterCognitive(Agent.Operator)));

        running[0]!.Dispose();
        running[0]!.Dispose();
        using IDisposable? again = _quotas.EnterCognitive(below);
        Assert.Throws<QuiltException>(() => _quotas.EnterCognitive(one));
    }

    private static Agent Make(string name, Agent parent) => new(name, name, parent, new AgentConfig { Grant = Grant.Everything }, default);
}
