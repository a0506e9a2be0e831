using System.Threading.Channels;
using Quilt.Aria;

namespace Quilt.Daemon;

/// <summary>Progress from a tool to whoever listens. One who is slow misses some of it, and holds nobody up.</summary>
internal sealed class ProgressChannel : IProgress<ToolProgress>
{
    // Enough for the output of a build's steps while a client draws what came before.
    private const int Most = 4096;
    private readonly Channel<ToolProgress> _channel = Channel.CreateBounded<ToolProgress>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Report(ToolProgress value) => _channel.Writer.TryWrite(value);

    internal IAsyncEnumerable<ToolProgress> ReadAllAsync(CancellationToken cancellation) => _channel.Reader.ReadAllAsync(cancellation);

    /// <summary>There is no more when the call has ended.</summary>
    internal async Task<T> CompleteWith<T>(Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        finally
        {
            _channel.Writer.Complete();
        }
    }
}
