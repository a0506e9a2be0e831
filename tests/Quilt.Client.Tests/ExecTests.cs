using System.Text;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class ExecTests(ClientFixture fixture) : IAsyncLifetime
{
    private QuiltContainer _container = null!;

    public async ValueTask InitializeAsync() => _container = await fixture.Client.Idle();

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    [Fact]
    public async Task Output_exit_code_and_signal_come_back()
    {
        ExecResult result = await _container.ExecAsync(["sh", "-c", "echo out; echo err >&2; exit 3"], cancellationToken: Cancellation);
        Assert.Equal((3, null, "out\n", "err\n"), (result.ExitCode, result.Signal, result.Stdout, result.Stderr));
        ExecResult killed = await _container.ExecAsync(["sh", "-c", "kill -9 $$"], cancellationToken: Cancellation);
        Assert.Equal((137, 9), (killed.ExitCode, killed.Signal));
    }

    [Fact]
    public async Task Its_options_reach_the_command()
    {
        ExecOptions options = new()
        {
            Environment = new Dictionary<string, string> { ["A"] = "b" }, WorkingDirectory = "/tmp", User = "5:6", Input = Encoding.UTF8.GetBytes("grüße"),
        };
        ExecResult result = await _container.ExecAsync(["sh", "-c", "echo $A $(pwd) $(id -u) $(id -g); cat"], options, Cancellation);
        Assert.Equal("b /tmp 5 6\ngrüße", result.Stdout);
        ExecResult late = await _container.ExecAsync(["sleep", "1000"], new ExecOptions { Timeout = TimeSpan.FromMilliseconds(100) }, Cancellation);
        Assert.True(late.TimedOut);
        ExecResult cut = await _container.ExecAsync(["seq", "1", "10000"], new ExecOptions { OutputLimitBytes = 100 }, Cancellation);
        Assert.True(cut.Truncated);
    }

    [Fact]
    public async Task A_stream_brings_its_beginning_its_output_and_its_end_in_order()
    {
        List<ExecOutput> all = await All(_container.ExecStreamAsync(["sh", "-c", "echo out; echo err >&2; exit 4"], cancellationToken: Cancellation));
        Assert.True(Assert.IsType<ExecOutput.Started>(all[0]).ProcessId > 0);
        Assert.Equal("out\n", string.Concat(all.OfType<ExecOutput.Stdout>().Select(o => o.Text)));
        Assert.Equal("err\n", string.Concat(all.OfType<ExecOutput.Stderr>().Select(o => o.Text)));
        Assert.Equal(4, Assert.IsType<ExecOutput.Exited>(all[^1]).Result.ExitCode);
    }

    [Fact]
    public async Task Input_and_output_of_any_size_pass_through_a_stream()
    {
        byte[] bytes = new byte[3_000_001];
        new Random(1).NextBytes(bytes);
        using MemoryStream back = new();
        await foreach (ExecOutput output in _container.ExecStreamAsync(["cat"], input: new MemoryStream(bytes), cancellationToken: Cancellation))
        {
            if (output is ExecOutput.Stdout piece)
            {
                back.Write(piece.Bytes.Span);
            }
        }

        Assert.Equal(bytes, back.ToArray());
    }

    [Fact]
    public async Task A_command_that_reads_no_input_ends_all_the_same()
    {
        List<ExecOutput> all = await All(_container.ExecStreamAsync(["true"], input: new MemoryStream(new byte[3_000_000]), cancellationToken: Cancellation));
        Assert.Equal(0, Assert.IsType<ExecOutput.Exited>(all[^1]).Result.ExitCode);
    }

    [Fact]
    public async Task Whoever_leaves_the_stream_ends_the_command()
    {
        await foreach (ExecOutput output in _container.ExecStreamAsync(["sleep", "5432"], cancellationToken: Cancellation))
        {
            Assert.IsType<ExecOutput.Started>(output);
            break;
        }

        ExecResult gone = await _container.ExecAsync(["sh", "-c", "while ps | grep -q '[s]leep 5432'; do sleep 0.02; done"], new ExecOptions { Timeout = TimeSpan.FromSeconds(20) }, Cancellation);
        Assert.Equal((0, false), (gone.ExitCode, gone.TimedOut));
    }

    [Fact]
    public async Task An_input_that_fails_ends_the_command_and_is_told()
    {
        IOException failure = await Assert.ThrowsAsync<IOException>(
            () => All(_container.ExecStreamAsync(["sh", "-c", "cat; exec sleep 5433"], input: new FailingStream(100_000), cancellationToken: Cancellation)).WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        Assert.Equal("the input failed", failure.Message);
        ExecResult gone = await _container.ExecAsync(["sh", "-c", "while ps | grep -q '[s]leep 5433'; do sleep 0.02; done"], new ExecOptions { Timeout = TimeSpan.FromSeconds(20) }, Cancellation);
        Assert.Equal((0, false), (gone.ExitCode, gone.TimedOut));
    }

    [Fact]
    public async Task What_is_cancelled_throws_as_cancelled()
    {
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _container.ExecAsync(["sleep", "1000"], cancellationToken: soon.Token));
        using CancellationTokenSource later = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ExecOutput _ in _container.ExecStreamAsync(["sleep", "1000"], cancellationToken: later.Token))
            {
            }
        });
    }

    [Fact]
    public async Task A_command_that_cannot_run_is_told_apart()
    {
        QuiltException missing = await Assert.ThrowsAsync<QuiltException>(() => _container.ExecAsync(["no-such-command"], cancellationToken: Cancellation));
        Assert.Equal((ErrorCode.CommandNotFound, "command"), (missing.Code, missing.Field));
        QuiltException unusable = await Assert.ThrowsAsync<QuiltException>(() => All(_container.ExecStreamAsync(["/etc/passwd"], cancellationToken: Cancellation)));
        Assert.Equal(ErrorCode.CommandNotExecutable, unusable.Code);
    }
}
