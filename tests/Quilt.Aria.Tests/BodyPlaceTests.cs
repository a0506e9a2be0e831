using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class BodyPlaceTests
{
    private const long Most = 64 << 20;
    private static readonly Agent Above = Of("above", Agent.Operator), Below = Of("below", Above), Other = Of("other", Agent.Operator);

    // It asks nothing of an engine.
    private readonly Quotas _quotas = new(null!, null!);

    [Fact]
    public void What_is_read_at_the_same_time_counts_together_and_for_whoever_is_above()
    {
        using BodyPlace below = Place(Below), above = Place(Above), other = Place(Other), operators = Place(Agent.Operator);
        below.Hold(Most / 2);
        below.Hold(Most - (1 << 20));
        other.Hold(Most);
        operators.Hold(2 * Most);
        QuiltException refused = Assert.Throws<QuiltException>(() => above.Hold((1 << 20) + 1));
        Assert.Equal((ErrorCode.ResourceExhausted, null), (refused.Code, refused.Field));
        Assert.Contains("upload", refused.Remedy, StringComparison.Ordinal);
        above.Hold(1 << 20);
        Assert.Contains("'above', which delegated to you", Assert.Throws<QuiltException>(() => below.Hold(Most)).Message, StringComparison.Ordinal);
        below.Hold(0);
        above.Hold(Most);
    }

    [Fact]
    public void What_is_over_gives_its_place_back_and_takes_none_again()
    {
        BodyPlace place = Place(Below);
        place.Hold(Most);
        place.Dispose();
        place.Dispose();
        place.Hold(Most);
        using BodyPlace next = Place(Below);
        next.Hold(Most);
    }

    [Fact]
    public void Of_a_small_one_nobody_asks_whose_it_is_and_of_a_large_one_once()
    {
        int asked = 0;
        using BodyPlace place = new(_quotas, () =>
        {
            asked++;
            return Below;
        });
        place.Hold(16 << 10);
        Assert.Equal(0, asked);
        place.Hold(1 << 20);
        place.Hold(2 << 20);
        Assert.Equal(1, asked);
    }

    private BodyPlace Place(Agent agent) => new(_quotas, () => agent);

    private static Agent Of(string name, Agent parent) => new(name, name, parent, new AgentConfig(), default);
}
