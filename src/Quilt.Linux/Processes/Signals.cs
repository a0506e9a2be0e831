using System.Globalization;

namespace Quilt.Linux;

/// <summary>Signal names and numbers on x86-64 and arm64 (signal(7)).</summary>
public static class Signals
{
    public const int Kill = 9, Pipe = 13, Terminate = 15, Child = 17, Continue = 18, Stop = 19;
    private const int RealTimeFirst = 34, RealTimeLast = 64; // as glibc numbers them

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>From a number, or a name in either case with or without <c>SIG</c>, such as <c>TERM</c> or <c>SIGRTMIN+3</c>.</summary>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
        {
            return signal is >= 1 and <= RealTimeLast;
        }

        string name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (name.StartsWith("RTM", StringComparison.OrdinalIgnoreCase) && name.Length >= 5)
        {
            int from = name[..5].ToUpperInvariant() switch { "RTMIN" => RealTimeFirst, "RTMAX" => RealTimeLast, _ => 0 };
            int offset = 0;
            bool valid = name.Length == 5 || int.TryParse(name.AsSpan(5), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out offset);
            signal = from + offset;
            return from != 0 && valid && signal is >= RealTimeFirst and <= RealTimeLast;
        }

        signal = Array.FindIndex(Names, 1, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return signal > 0;
    }

    /// <summary>Such as <c>SIGTERM</c>; a real-time signal as its number.</summary>
    public static string NameOf(int signal) =>
        signal > 0 && signal < Names.Length ? "SIG" + Names[signal] : signal.ToString(CultureInfo.InvariantCulture);
}
