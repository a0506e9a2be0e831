namespace Quilt.OciRuntime;

/// <summary>
/// Engines call <c>exec [options] ID COMMAND [its options]</c> without a '--'. It is put in after the id, so that the
/// command's options are not taken for ours.
/// </summary>
internal static class VerbatimCommand
{
    private static readonly HashSet<string> TakeValue = new(StringComparer.Ordinal)
    {
        "--root", "--log", "--log-format", "--rootless", "--process", "-p", "--env", "-e", "--cwd", "--user", "-u", "--cap", "-c", "--pid-file",
        "--console-socket", "--preserve-fds",
    };

    internal static string[] Separate(string[] args)
    {
        int verb = NextPositional(args, 0);
        if (verb >= args.Length || args[verb] != "exec")
        {
            return args;
        }

        int id = NextPositional(args, verb + 1);
        return id + 1 < args.Length && args[id + 1] != "--" ? [.. args[..(id + 1)], "--", .. args[(id + 1)..]] : args;
    }

    private static int NextPositional(string[] args, int from)
    {
        int i = from;
        while (i < args.Length && args[i].StartsWith('-'))
        {
            i += TakeValue.Contains(args[i]) ? 2 : 1;
        }

        return i;
    }
}
