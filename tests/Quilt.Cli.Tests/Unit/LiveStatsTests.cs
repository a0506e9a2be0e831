namespace Quilt.Cli.Tests;

public sealed class LiveStatsTests
{
    [Theory]
    [InlineData(200, 4)]
    [InlineData(33, 4)] // 10 + 8 + 6 + 9 with a space on each side of the cells
    [InlineData(32, 3)]
    [InlineData(1, 2)]
    public void It_shows_the_columns_that_are_whole_in_the_terminals_width(int width, int columns) =>
        Assert.Equal(columns, LiveStats.Fitting([["CONTAINE", "NAME", "CPU", "MEMORY"], ["01234567", "longer", "1.0%", "1.5 GiB"]], width));
}
