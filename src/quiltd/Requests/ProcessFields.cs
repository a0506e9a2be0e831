using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

/// <summary>What a container's command and an exec have in common.</summary>
internal static class ProcessFields
{
    private const int LongestText = 128 << 10; // MAX_ARG_STRLEN of execve(2)
    private const int MostTexts = 16384;

    internal static IReadOnlyList<string> Arguments(string field, IReadOnlyList<string> arguments)
    {
        foreach (string argument in arguments)
        {
            Check(field, "an argument", argument);
        }

        return arguments.Count <= MostTexts && (arguments.Count == 0 || arguments[0].Length > 0)
            ? [.. arguments]
            : throw QuiltException.Invalid(field, arguments.Count > MostTexts ? $"{arguments.Count} arguments are too many" : $"{field} begins with an empty argument", $"give a program and at most {MostTexts} arguments");
    }

    internal static Dictionary<string, string> Environment(IDictionary<string, string> variables)
    {
        foreach ((string name, string value) in variables)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
            {
                throw QuiltException.Invalid("env", $"'{name}' is no name of an environment variable", "give a name without '='");
            }

            Check("env", "a name", name);
            Check("env", $"the value of {name}", value);
        }

        return variables.Count <= MostTexts
            ? new Dictionary<string, string>(variables, StringComparer.Ordinal)
            : throw QuiltException.Invalid("env", $"{variables.Count} environment variables are too many", $"give at most {MostTexts}");
    }

    /// <returns>Null where it is empty.</returns>
    internal static string? AbsolutePath(string field, string path)
    {
        Check(field, "a path", path);
        return path.Length == 0 ? null : path.StartsWith('/')
            ? path
            : throw QuiltException.Invalid(field, $"{field} '{path}' is not absolute", "begin it with '/'");
    }

    internal static int Signal(string field, string text) => Signals.TryParse(text, out int signal)
        ? signal
        : throw QuiltException.Invalid(field, $"signal '{text}' is unknown", "give a number or a name such as TERM or SIGTERM (signal(7))");

    internal static WindowSize? Window(Api.V1.TerminalSize? size) => size is null or { Columns: 0 } or { Rows: 0 }
        ? null
        : size is { Columns: <= ushort.MaxValue, Rows: <= ushort.MaxValue }
            ? new WindowSize((ushort)size.Columns, (ushort)size.Rows)
            : throw QuiltException.Invalid("terminal_size", $"a terminal of {size.Columns} by {size.Rows} is too large", $"give at most {ushort.MaxValue} each");

    private static void Check(string field, string what, string text)
    {
        if (text.Length > LongestText || text.Contains('\0', StringComparison.Ordinal))
        {
            throw QuiltException.Invalid(field, $"{what} is longer than {LongestText} or holds a zero byte", "execve(2) takes neither");
        }
    }
}
