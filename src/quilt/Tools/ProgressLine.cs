using System.Globalization;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>How far long work has come: one line of the terminal, written over and over, and gone at the end.</summary>
internal sealed class ProgressLine(StandardStreams streams) : IDisposable
{
    private const string ToBeginning = "\r\e[K"; // carriage return, and erase to the end of the line
    private bool _shown;

    internal void Show(ToolProgress progress)
    {
        if (streams.ErrorIsTerminal)
        {
            streams.Error.Write(ToBeginning + Text(progress));
            _shown = true;
        }
    }

    internal static string Text(ToolProgress progress)
    {
        string count = progress.Total > 0 ? $"{Number(progress.Progress)}/{Number(progress.Total)}" : Number(progress.Progress);
        string message = string.Concat(progress.Message.Select(c => char.IsControl(c) ? ' ' : c));
        return message.Length == 0 ? count : $"{count}  {message}";
    }

    public void Dispose()
    {
        if (_shown)
        {
            streams.Error.Write(ToBeginning);
        }
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
