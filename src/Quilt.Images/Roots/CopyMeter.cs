using Quilt.Core;

namespace Quilt.Images;

/// <summary>Counts what is copied, tells of it at times, and stops when nobody wants it any more.</summary>
internal sealed class CopyMeter(IProgress<CopyProgress>? listener, CancellationToken cancellation)
{
    private const int MostNamed = 16;
    private const long EveryMilliseconds = 250;
    private readonly List<string> _leftOut = [];
    private long _leftOutCount, _told = Environment.TickCount64;

    internal long Entries { get; private set; }
    internal long Bytes { get; private set; }

    /// <summary>Of entries that are complete.</summary>
    internal long WholeBytes { get; private set; }

    internal CopyReport Report => new(Entries, Bytes, _leftOut, _leftOutCount);

    internal void Begin() => cancellation.ThrowIfCancellationRequested();

    internal void AddEntry()
    {
        Entries++;
        WholeBytes = Bytes;
        Add(0);
    }

    internal void Add(int bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        Bytes += bytes;
        if (listener is not null && Environment.TickCount64 - _told >= EveryMilliseconds)
        {
            _told = Environment.TickCount64;
            listener.Report(new CopyProgress(Entries, Bytes));
        }
    }

    internal void LeaveOut(string path, string why)
    {
        if (++_leftOutCount <= MostNamed)
        {
            _leftOut.Add($"{Text.Printable(path)}: {why}");
        }
    }
}
