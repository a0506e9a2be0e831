using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>The last lines that a command wrote, for its error.</summary>
internal sealed class OutputTail
{
    private const int KeptBytes = 8 << 10, MostLines = 20;
    private readonly byte[] _kept = new byte[KeptBytes];
    private int _count;
    private bool _cut;

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _cut |= _count + bytes.Length > KeptBytes;
        bytes = bytes.Length > KeptBytes ? bytes[^KeptBytes..] : bytes;
        int dropped = Math.Max(0, _count + bytes.Length - KeptBytes);
        _kept.AsSpan(dropped, _count - dropped).CopyTo(_kept);
        _count -= dropped;
        bytes.CopyTo(_kept.AsSpan(_count));
        _count += bytes.Length;
    }

    internal IReadOnlyList<string> Lines()
    {
        IEnumerable<string> lines = Encoding.UTF8.GetString(_kept, 0, _count).TrimEnd().Split('\n').Skip(_cut ? 1 : 0);
        return [.. lines.Select(l => Text.Printable(l.TrimEnd('\r').Replace('\t', ' '))).SkipWhile(l => l.Length == 0).TakeLast(MostLines)];
    }
}
