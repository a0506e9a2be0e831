using Quilt.Core;

namespace Quilt.Cli;

/// <summary>What a copy does not have: told on stderr, where the copy itself may go to stdout.</summary>
internal static class LeftOut
{
    internal static IEnumerable<string> Of(ToolAnswer answer) => answer["leftOut"].Items.Select(l => Line(l.Text));

    internal static string Line(string left) => $"left out {left}";

    internal static void Tell(Invocation call, IEnumerable<string> leftOut)
    {
        foreach (string left in leftOut)
        {
            call.Streams.Error.WriteLine(Text.Escaped(left));
        }
    }
}
