using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class CognitiveCallsTests
{
    private readonly CognitiveCalls _calls = new();

    [Fact]
    public void An_agent_with_all_below_it_has_so_many_at_once_and_others_have_theirs()
    {
        Agent one = Make("one", Agent.Operator), below = Make("below", one), other = Make("other", Agent.Operator);
        IDisposable[] running = [.. Enumerable.Range(0, CognitiveCalls.Most).Select(i => _calls.Enter(i % 2 == 0 ? one : below))];
        foreach (Agent agent in (Agent[])[one, below])
        {
            QuiltException refused = Assert.Throws<QuiltException>(() => _calls.Enter(agent));
            Assert.Equal(ErrorCode.ResourceExhausted, refused.Code);
            Assert.Contains("'one'", refused.Message, StringComparison.Ordinal);
        }

        _calls.Enter(other).Dispose();
        foreach (IDisposable call in Enumerable.Range(0, 2 * CognitiveCalls.Most).Select(_ => _calls.Enter(Agent.Operator)).ToArray())
        {
            call.Dispose();
        }

        running[0].Dispose();
        using IDisposable again = _calls.Enter(below);
        Assert.Throws<QuiltException>(() => _calls.Enter(one));
    }

    private static Agent Make(string name, Agent parent) => new(name, name, parent, new AgentConfig { Grant = Grant.Everything }, default);
}
