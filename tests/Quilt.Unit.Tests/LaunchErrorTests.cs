using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class LaunchErrorTests
{
    [Theory]
    [InlineData(LaunchStage.Clone)]
    [InlineData(LaunchStage.ForkCommand)]
    public void Where_no_process_can_be_made_the_remedy_names_the_limit(LaunchStage stage)
    {
        LaunchException refused = new(stage, Errno.EAGAIN, "fork");
        Assert.Equal(ErrorCode.ResourceExhausted, refused.Code);
        Assert.Contains("pids limit", refused.Remedy, StringComparison.Ordinal);
    }
}
