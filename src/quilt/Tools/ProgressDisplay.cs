using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>
/// How far long work has come, on a terminal and gone at its end: one line of the whole, written over and over; or a line and a bar
/// for each of its parts.
/// </summary>
internal sealed class ProgressDisplay(StandardStreams streams) : IDisposable
{
    private const string ToBeginning = "\r\e[K"; // carriage return, and erase to the end of the line
    private const int MostParts = 16, BarWidth = 30;
    private readonly List<ToolProgress> _parts = [];
    private bool _line;
    private int _drawn;

    internal void Show(ToolProgress progress)
    {
        if (!streams.ErrorIsTerminal)
        {
            return;
        }

        if (progress.Item.Length == 0)
        {
            streams.Error.Write(ToBeginning + Text(progress));
            _line = true;
            return;
        }

        int known = _parts.FindIndex(p => p.Item == progress.Item);
        if (known < 0)
        {
            _parts.Add(progress);
        }
        else
        {
            _parts[known] = progress;
        }

        Draw();
    }

    internal static string Text(ToolProgress progress)
    {
        string count = progress.Total > 0 ? $"{Number(progress.Progress)}/{Number(progress.Total)}" : Number(progress.Progress);
        string message = Printable(progress.Message);
        return message.Length == 0 ? count : $"{count}  {message}";
    }

    /// <summary>A part's line, such as <c>3f1c6…  transferring  ########......  12MiB/30MiB</c>.</summary>
    internal static string Bar(ToolProgress part)
    {
        double done = part.Total > 0 ? Math.Clamp(part.Progress / part.Total, 0, 1) : 0;
        int filled = (int)(done * BarWidth);
        string count = $"{new ByteSize((long)part.Progress)}/{new ByteSize((long)part.Total)}";
        return $"{Printable(part.Item),-12}  {Printable(part.Stage),-12}  {new string('#', filled)}{new string('.', BarWidth - filled)}  {count}";
    }

    public void Dispose()
    {
        if (_drawn > 0)
        {
            streams.Error.Write(Up(_drawn) + "\r\e[J"); // erase to the end of the screen
        }
        else if (_line)
        {
            streams.Error.Write(ToBeginning);
        }
    }

    /// <summary>Where there are more parts than fit, those that are done are left out first.</summary>
    private void Draw()
    {
        int over = Math.Max(0, _parts.Count - MostParts);
        ToolProgress[] shown = [.. _parts.Where(p => !(IsDone(p) && over-- > 0)).Take(MostParts)];
        string lines = string.Concat(shown.Select(p => $"{ToBeginning}{Bar(p)}\n"));
        string emptied = string.Concat(Enumerable.Repeat($"{ToBeginning}\n", Math.Max(0, _drawn - shown.Length)));
        streams.Error.Write(Up(_drawn) + lines + emptied);
        _drawn = Math.Max(_drawn, shown.Length);
    }

    private static bool IsDone(ToolProgress part) => part.Stage is "done" or "present";

    private static string Up(int lines) => lines > 0 ? $"\e[{lines.ToString(CultureInfo.InvariantCulture)}A" : "";

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
