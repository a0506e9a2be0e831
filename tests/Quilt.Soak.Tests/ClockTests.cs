namespace Quilt.Soak.Tests;

/// <summary>The wall clock jumps by an hour or a day, forward and back.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Work_goes_on_while_the_wall_clock_jumps()
    {
        using OtherClock clock = new();
        await using SoakRun run = await SoakRun.BeginAsync("clock", prepare: clock.Prepare, clockJumps: true);
        await run.GoAsync(SoakOptions.Share(0.03), clock.DisturbAsync);
        run.Verdict();
    }
}
