using System.Text;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>stdout and stderr, without what a console would set up for them.</summary>
internal static class Output
{
    internal static void Line(string text) => Write(1, text + "\n");

    internal static void Text(string text) => Write(1, text);

    internal static void Error(string text) => Write(2, text + "\n");

    private static void Write(int number, string text)
    {
        using FileDescriptor file = new(number, ownsHandle: false);
        try
        {
            Sys.WriteShared(file, Encoding.UTF8.GetBytes(text), number == 1 ? "stdout" : "stderr");
        }
        catch (SyscallException e) when (e.Errno is Errno.EPIPE or Errno.EBADF)
        {
            // Nobody reads it.
        }
    }
}
