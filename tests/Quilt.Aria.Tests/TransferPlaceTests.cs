using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class TransferPlaceTests
{
    private const long Most = 8L << 30;
    private const int MostAtOnce = 64;
    private static readonly Agent Above = Of("above", Agent.Operator), Below = Of("below", Above), Other = Of("other", Agent.Operator);

    // It asks nothing of an engine.
    private readonly Quotas _quotas = new(null!, null!);

    [Fact]
    public void What_comes_at_the_same_time_counts_together_and_for_whoever_is_above()
    {
        using TransferPlace below = _quotas.EnterTransfer(Below), above = _quotas.EnterTransfer(Above), other = _quotas.EnterTransfer(Other);
        below.Grow(Most - 10);
        other.Grow(20);
        QuiltException refused = Assert.Throws<QuiltException>(() => above.Grow(11));
        Assert.Equal((ErrorCode.ResourceExhausted, null), (refused.Code, refused.Field));
        above.Grow(10);
        Assert.Contains("'above', which delegated to you", Assert.Throws<QuiltException>(() => below.Grow(1)).Message, StringComparison.Ordinal);
        above.Dispose();
        below.Grow(10);

        using TransferPlace operators = _quotas.EnterTransfer(Agent.Operator);
        operators.Grow(2 * Most);
    }

    [Fact]
    public void How_many_there_are_counts_for_whoever_is_above()
    {
        List<TransferPlace> places = [.. Enumerable.Range(0, MostAtOnce).Select(i => _quotas.EnterTransfer(i % 2 == 0 ? Below : Above))];
        Assert.Equal(ErrorCode.ResourceExhausted, Assert.Throws<QuiltException>(() => _quotas.EnterTransfer(Below)).Code);
        _quotas.EnterTransfer(Other).Dispose();
        places[1].Dispose();
        places[1].Dispose();
        _quotas.EnterTransfer(Below);
        Assert.Throws<QuiltException>(() => _quotas.EnterTransfer(Below));
    }

    [Fact]
    public void No_more_waits_than_an_agent_may_have_of_the_disk_whatever_is_given_out_to_its_containers()
    {
        Agent small = new("small", "small", Agent.Operator, new AgentConfig { Grant = Grant.Everything with { Limits = new AgentLimits { Disk = new ByteSize(100) } } }, default);
        using TransferPlace one = _quotas.EnterTransfer(small), two = _quotas.EnterTransfer(Of("below", small));
        one.Grow(60);
        Assert.Equal("limits.disk", Assert.Throws<QuiltException>(() => two.Grow(41)).Field);
        two.Grow(40);
    }

    private static Agent Of(string name, Agent parent) => new(name, name, parent, new AgentConfig(), default);
}
