using Quilt.Core;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>When an alarm rings.</summary>
public sealed class AlarmTests
{
    private readonly ManualTime _time = new();
    private int _rung;

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(90_000)]
    [InlineData(100 * 86_400_000.0)]
    public void It_rings_once_at_its_time_however_far_away_and_not_before(double milliseconds)
    {
        TimeSpan left = TimeSpan.FromMilliseconds(milliseconds);
        using Alarm alarm = Set(left);
        for (; left > TimeSpan.FromDays(1); left -= TimeSpan.FromDays(1))
        {
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(0, _rung);
        _time.Advance(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _rung);
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Equal(1, _rung);
    }

    [Fact]
    public void It_waits_for_a_clock_that_was_set_back()
    {
        using Alarm alarm = Set(TimeSpan.FromMinutes(5));
        _time.SetBack = TimeSpan.FromMinutes(1);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, _rung);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _rung);
    }

    [Fact]
    public void A_clock_that_was_wrong_when_it_was_set_and_is_right_again_makes_it_late_by_half_a_minute_at_most()
    {
        DateTimeOffset at = _time.GetUtcNow() + TimeSpan.FromMinutes(5);
        _time.SetBack = TimeSpan.FromDays(1);
        using Alarm alarm = new(at, () => _rung++, _time);
        _time.Advance(TimeSpan.FromMinutes(1));
        _time.SetBack = TimeSpan.Zero;
        _time.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _rung);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, _rung);
    }

    [Fact]
    public void It_does_not_ring_when_it_was_disposed_of()
    {
        Set(TimeSpan.FromMinutes(5)).Dispose();
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(0, _rung);
    }

    private Alarm Set(TimeSpan left) => new(_time.GetUtcNow() + left, () => _rung++, _time);
}
