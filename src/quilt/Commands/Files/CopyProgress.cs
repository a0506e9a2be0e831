using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A bar of what goes over the wire, on a terminal.</summary>
/// <param name="stage">Such as <c>sending</c>.</param>
/// <param name="name">Of what.</param>
/// <param name="total">About so many bytes: an archive has more than what is in it.</param>
internal sealed class CopyProgress(ProgressDisplay display, string stage, string name, long total)
{
    private const long EveryMilliseconds = 100;
    private long _bytes, _shown = -EveryMilliseconds;

    /// <summary>Passes on what is written, and counts it. Does not close what it writes to.</summary>
    internal Stream Through(Stream to) => new Counted(this, to);

    private void Add(int bytes)
    {
        _bytes += bytes;
        if (Environment.TickCount64 - _shown >= EveryMilliseconds)
        {
            _shown = Environment.TickCount64;
            display.Show(new ToolProgress { Item = name, Stage = stage, Progress = _bytes, Total = Math.Max(total, _bytes) });
        }
    }

    private sealed class Counted(CopyProgress progress, Stream to) : WritingStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            to.Write(buffer);
            progress.Add(buffer.Length);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await to.WriteAsync(buffer, cancellationToken);
            progress.Add(buffer.Length);
        }

        public override void Flush() => to.Flush();
    }
}
