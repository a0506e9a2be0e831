using System.Globalization;
using Quilt.Core;
using Quilt.Engine;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class LimitsReaderTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(4_194_304)]
    public void Processes_are_as_many_as_the_kernel_has_numbers_for(long pids) => Assert.Equal(pids, LimitsReader.Read(new CreateContainerArguments { Pids = pids }).Pids);

    [Theory]
    [InlineData(-2)]
    [InlineData(4_194_305)]
    [InlineData(long.MaxValue)]
    public void Other_numbers_of_processes_are_refused(long pids)
    {
        QuiltException refused = Assert.Throws<QuiltException>(() => LimitsReader.Read(new CreateContainerArguments { Pids = pids }));
        Assert.Equal((ErrorCode.InvalidArgument, "pids"), (refused.Code, refused.Field));
        Assert.Contains("1 to 4194304", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void More_open_files_than_the_host_allows_are_refused_with_its_number()
    {
        ulong most = ulong.Parse(File.ReadAllText("/proc/sys/fs/nr_open"), CultureInfo.InvariantCulture);
        Assert.Equal(most, Assert.Single(LimitsReader.Ulimits(new CreateContainerArguments { Files = (long)most }, [])).Hard);
        Assert.Equal(most, LimitsReader.Read(new UlimitArguments { Name = "nofile", Soft = 1, Hard = most }).Hard);
        Assert.Equal(ulong.MaxValue, LimitsReader.Read(new UlimitArguments { Name = "stack", Soft = 1, Hard = ulong.MaxValue }).Hard);

        QuiltException files = Assert.Throws<QuiltException>(() => LimitsReader.Ulimits(new CreateContainerArguments { Files = (long)most + 1 }, []));
        QuiltException ulimit = Assert.Throws<QuiltException>(() => LimitsReader.Read(new UlimitArguments { Name = "nofile", Soft = 1, Hard = most + 1 }));
        Assert.Equal(("files", "ulimits"), (files.Field, ulimit.Field));
        Assert.All([files, ulimit], e => Assert.Contains($"at most {most}", e.Remedy, StringComparison.Ordinal));
    }
}
