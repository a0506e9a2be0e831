using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>All of stdin, where a value or a file is asked for as '-'.</summary>
internal static class StandardInput
{
    private const int ChunkBytes = 64 * 1024;

    internal static string ReadText()
    {
        using MemoryStream all = new();
        OpenRead().CopyTo(all, ChunkBytes);
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    /// <summary>As bytes, as they come; whatever state others have put it in.</summary>
    internal static Stream OpenRead() => new InputStream();

    private sealed class InputStream : ReadingStream
    {
        public override int Read(Span<byte> buffer) => Sys.ReadShared(StandardStreams.Stdin, buffer, "stdin");
    }
}
