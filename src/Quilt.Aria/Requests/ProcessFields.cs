using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>What a container's command and an exec have in common.</summary>
public static class ProcessFields
{
    private const int LongestText = 128 << 10; // MAX_ARG_STRLEN of execve(2)
    private const int MostTexts = 16384;

    public static IReadOnlyList<string> Arguments(string field, IReadOnlyList<string> arguments)
    {
        foreach (string argument in arguments)
        {
            Check(field, "an argument", argument);
        }

        return arguments.Count <= MostTexts && (arguments.Count == 0 || arguments[0].Length > 0)
            ? [.. arguments]
            : throw QuiltException.Invalid(field, arguments.Count > MostTexts ? $"{arguments.Count} arguments are too many" : $"{field} begins with an empty argument", $"give a program and at most {MostTexts} arguments");
    }

    public static Dictionary<string, string> Environment(IReadOnlyDictionary<string, string>? variables)
    {
        variables ??= new Dictionary<string, string>();
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
    public static string? AbsolutePath(string field, string? path)
    {
        path ??= "";
        Check(field, "a path", path);
        return path.Length == 0 ? null : path.StartsWith('/')
            ? path
            : throw QuiltException.Invalid(field, $"{field} '{path}' is not absolute", "begin it with '/'");
    }

    public static int Signal(string field, string text) => Signals.TryParse(text, out int signal)
        ? signal
        : throw QuiltException.Invalid(field, $"signal '{text}' is unknown", "give a number or a name such as TERM or SIGTERM (signal(7))");

    private static void Check(string field, string what, string text)
    {
        if (text.Length > LongestText || text.Contains('\0', StringComparison.Ordinal))
        {
            throw QuiltException.Invalid(field, $"{what} is longer than {LongestText} or holds a zero byte", "execve(2) takes neither");
        }
    }
}
