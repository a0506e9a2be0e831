using System.Text;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>The whole terminal for a view that changes; what was shown before is there again afterwards, however we end.</summary>
internal sealed class FullScreen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l\e[?7l", Leave = "\e[?7h\e[?25h\e[?1049l";
    private readonly RawTerminal _keys;
    private readonly Stream _output;
    private int _left;

    private FullScreen(RawTerminal keys, Stream output)
    {
        (_keys, _output) = (keys, output);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        Write(Enter);
    }

    /// <summary>Null where the keys come from no terminal.</summary>
    internal static FullScreen? TryOpen(Stream output) => RawTerminal.TryEnter(StandardStreams.Stdin) is { } keys ? new FullScreen(keys, output) : null;

    /// <param name="lines">From the top; what is below them is emptied.</param>
    internal void Show(IEnumerable<string> lines)
    {
        StringBuilder frame = new("\e[H");
        frame.AppendJoin("\e[K\r\n", lines).Append("\e[K\e[J");
        Write(frame.ToString());
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            try
            {
                Write(Leave);
            }
            catch (Exception e) when (e is IOException or SyscallException)
            {
                // It has hung up: nobody sees it.
            }

            _keys.Dispose();
        }
    }

    private void Write(string text)
    {
        _output.Write(Encoding.UTF8.GetBytes(text));
        _output.Flush();
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();
}
