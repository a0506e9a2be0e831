using System.Text;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>All of stdin as text, where a value is asked for as '-'.</summary>
internal static class StandardInput
{
    private const int ChunkBytes = 64 * 1024;

    internal static string ReadText()
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[ChunkBytes];
        int count;
        while ((count = Sys.ReadShared(StandardStreams.Stdin, buffer, "stdin")) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }
}
