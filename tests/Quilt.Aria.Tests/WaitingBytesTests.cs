using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class WaitingBytesTests
{
    private const long Most = 8L << 30;

    [Fact]
    public void What_comes_at_the_same_time_counts_together()
    {
        WaitingBytes waiting = new();
        waiting.Add("one", Most - 10, isLimited: true);
        waiting.Add("two", 20, isLimited: true);

        Assert.Equal(ErrorCode.ResourceExhausted, Assert.Throws<QuiltException>(() => waiting.Add("one", 11, isLimited: true)).Code);

        waiting.Add("one", 10, isLimited: true);
        waiting.Add("one", -5, isLimited: false);
        waiting.Add("one", 5, isLimited: true);
        waiting.Add("one", 1, isLimited: false); // an operator
    }
}
