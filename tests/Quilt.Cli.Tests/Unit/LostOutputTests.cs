using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli.Tests;

/// <summary>Where nothing can be written, the exit code still says what became of it.</summary>
public sealed class LostOutputTests
{
    [Fact]
    public async Task A_wrong_command_is_2_where_stderr_is_full()
    {
        using FileDescriptor full = Full();
        Assert.Equal(2, await CommandLineHost.RunAsync(["frobnicate"], new StandardStreams(new MemoryStream(), new DescriptorStream(full, "stderr"), isTerminal: false)));
        Assert.Equal(125, await CommandLineHost.RunAsync(["run", "--frobnicate"], new StandardStreams(new MemoryStream(), new DescriptorStream(full, "stderr"), isTerminal: false)));
    }

    [Fact]
    public async Task A_wrong_command_is_2_where_stderr_is_closed()
    {
        FileDescriptor closed = new(int.MaxValue, ownsHandle: false);
        Assert.Equal(2, await CommandLineHost.RunAsync(["frobnicate"], new StandardStreams(new MemoryStream(), new DescriptorStream(closed, "stderr"), isTerminal: false)));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_written_is_told_and_is_1()
    {
        using FileDescriptor full = Full();
        using MemoryStream error = new();
        Assert.Equal(1, await CommandLineHost.RunAsync(["--version"], new StandardStreams(new DescriptorStream(full, "stdout"), error, isTerminal: false)));
        Assert.Contains("ENOSPC", System.Text.Encoding.UTF8.GetString(error.ToArray()), StringComparison.Ordinal);
    }

    private static FileDescriptor Full() => Sys.Open("/dev/full", OpenMode.WriteOnly);
}
