using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>The host has no more of something, for moments that nobody knows before. What is refused then works again afterwards.</summary>
public sealed class ScarcityTests
{
    [Fact]
    public async Task A_disk_that_is_full_at_random_moments_loses_nothing_that_was_answered()
    {
        using SmallDisk disk = new(256);
        await using SoakRun run = await SoakRun.BeginAsync("full disk", disk.Path, disks: false);
        await run.GoAsync(SoakOptions.Share(0.05), FullDisk.Of(disk));
        run.Verdict();
    }

    [Fact]
    public async Task A_daemon_that_may_hardly_open_a_file_more_refuses_and_recovers()
    {
        await using SoakRun run = await SoakRun.BeginAsync("few descriptors");
        await run.GoAsync(SoakOptions.Share(0.03), FewDescriptors.DisturbAsync);
        run.Verdict();
    }

    [Fact]
    public async Task A_daemon_without_memory_refuses_or_dies_and_the_next_one_has_everything()
    {
        using LittleMemory memory = new();
        await using SoakRun run = await SoakRun.BeginAsync("little memory", prepare: memory.Prepare);
        await run.GoAsync(SoakOptions.Share(0.02), memory.DisturbAsync);
        run.Verdict();
    }
}
