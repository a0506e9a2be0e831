using Quilt.Core;

namespace Quilt.Images.Tests.Collecting;

public sealed class SpaceLimitTests
{
    [Fact]
    public void A_size_beyond_all_numbers_is_too_much_and_opens_the_limit_for_nobody()
    {
        SpaceLimit limit = new(1000, () => 100);
        using SpaceLimit.SpaceShare one = limit.Begin(), other = limit.Begin();
        one.Take(10);
        Assert.Equal(ErrorCode.ResourceExhausted, Assert.Throws<QuiltException>(() => one.Take(long.MaxValue)).Code);
        other.Take(890);
        Assert.Throws<QuiltException>(() => other.Take(1));
    }

    [Fact]
    public void What_was_given_up_makes_room_for_another_try()
    {
        long onDisk = 0;
        SpaceLimit limit = new(1000, () => onDisk);
        using SpaceLimit.SpaceShare share = limit.Begin();
        share.Take(600);
        onDisk = 300;
        share.Settle();
        share.Take(600);
        Assert.Throws<QuiltException>(() => share.Take(101));
    }

    [Fact]
    public void What_others_end_with_counts_for_those_that_began_before_it_unless_it_is_gone()
    {
        long onDisk = 0;
        SpaceLimit limit = new(1000, () => onDisk);
        using SpaceLimit.SpaceShare slow = limit.Begin();
        using (SpaceLimit.SpaceShare quick = limit.Begin())
        {
            quick.Take(900);
            onDisk = 900;
        }

        Assert.Throws<QuiltException>(() => slow.Take(101));
        onDisk = 0;
        slow.Take(101);
    }
}
