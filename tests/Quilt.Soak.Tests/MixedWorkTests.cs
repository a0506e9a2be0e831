namespace Quilt.Soak.Tests;

/// <summary>Mixed work by many clients at once, and deaths in its midst.</summary>
public sealed class MixedWorkTests
{
    [Fact]
    public async Task Lifecycles_of_mixed_work_leave_nothing_and_the_daemon_does_not_grow()
    {
        await using SoakRun run = await SoakRun.BeginAsync("steady");
        await run.GoAsync(SoakOptions.Share(0.4), Kills.OfShimsAsync);
        run.ExpectNoGrowth();
        run.Verdict();
    }

    [Fact]
    public async Task With_kills_of_the_daemon_and_of_shims_at_random_moments_nothing_that_was_answered_is_lost()
    {
        await using SoakRun run = await SoakRun.BeginAsync("killed");
        await run.GoAsync(SoakOptions.Share(0.45), Kills.OfDaemonAsync, Kills.OfShimsAsync);
        run.Verdict();
    }
}
