using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Grpc.Core;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

internal sealed class TopCommand : CliCommand
{
    private const int LongestKeys = 256;
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(1), BetweenFrames = TimeSpan.FromMilliseconds(50), ShortestInterval = TimeSpan.FromMilliseconds(50);
    private readonly Option<string?> _interval, _sort;

    internal TopCommand()
        : base("top", "Watch containers, what they use, their edges and events, on the whole terminal")
    {
        _interval = Value("DURATION", "Time between two readings (default 1s)", "--interval");
        _sort = Value("KEY", "What is first: cpu (default), memory, pids, disk, network or name", "--sort");
    }

    internal override string Usage => "[--interval DURATION] [--sort KEY]";

    internal override string Details => "Keys: q ends, arrows select, enter shows the edges and events of the selected one alone, c m p d t n sort, r reverses.";

    internal override IReadOnlyList<Example> Examples => [new("quilt top --sort memory", "Who has the most memory")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        TopState state = new(ReadSort(call.Get(_sort)));
        TimeSpan interval = ReadInterval(call.Get(_interval));
        if (call.Json || !call.Streams.IsTerminal || !TerminalMode.IsTerminal(StandardStreams.Stdin))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "top shows a picture that changes, and this is no terminal", "use 'quilt stats --no-stream', with --json for a program, or run it in a terminal");
        }

        using CancellationTokenSource ended = new();
        Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Changed() => changed.Writer.TryWrite(true);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End), terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End),
            hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End), resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Changed());
        using FullScreen screen = FullScreen.TryOpen(call.Streams.OutBytes)!;
        Task feed = new TopFeed(call, state, interval, Changed).RunAsync(ended.Token);
        _ = feed.ContinueWith(_ => ended.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _ = Task.Factory.StartNew(() => ReadKeys(state, Changed, ended), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Changed();
            while (true)
            {
                await changed.Reader.ReadAsync(ended.Token);
                screen.Show(TopScreen.Draw(state.Look(), WindowSize.OfTerminal() ?? new TerminalSize(80, 24), call.Streams.Style, DateTimeOffset.UtcNow));
                await Task.Delay(BetweenFrames, ended.Token); // what changes meanwhile is one picture
            }
        }
        catch (OperationCanceledException)
        {
        }

        try
        {
            await feed;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            // We ended it.
        }

        return 0;
    }

    /// <summary>What the daemon would refuse is refused before the screen is another.</summary>
    private static TimeSpan ReadInterval(string? text)
    {
        TimeSpan interval = text is null ? UsualInterval : DurationText.Parse(text, "--interval");
        return interval >= ShortestInterval
            ? interval
            : throw QuiltException.Invalid("--interval", $"--interval '{text}' is too short", $"give at least {ShortestInterval.TotalMilliseconds:0}ms");
    }

    private static TopKey ReadSort(string? key) => key switch
    {
        null or "cpu" => TopKey.SortByCpu,
        "memory" => TopKey.SortByMemory,
        "pids" => TopKey.SortByPids,
        "disk" => TopKey.SortByDisk,
        "network" => TopKey.SortByNetwork,
        "name" => TopKey.SortByName,
        _ => throw QuiltException.Invalid("--sort", $"--sort '{key}' is nothing to sort by", "use cpu, memory, pids, disk, network or name"),
    };

    /// <summary>Waits for keys until there are no more, or one ends it. The process does not wait for it.</summary>
    private static void ReadKeys(TopState state, Action changed, CancellationTokenSource ended)
    {
        byte[] typed = new byte[LongestKeys];
        try
        {
            int count;
            while ((count = Sys.Read(StandardStreams.Stdin, typed, "stdin")) > 0)
            {
                foreach (TopKey key in TopKeys.Read(Encoding.UTF8.GetString(typed, 0, count)))
                {
                    if (!state.Press(key))
                    {
                        ended.Cancel();
                        return;
                    }
                }

                changed();
            }

            ended.Cancel();
        }
        catch (Exception e) when (e is SyscallException or ObjectDisposedException)
        {
            // The terminal has hung up, or top has ended by itself.
        }
    }
}
