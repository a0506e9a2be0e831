using System.Globalization;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>A build's steps and what they write, as it comes: plain lines, each with the step that it is of.</summary>
internal sealed class BuildDisplay(TextWriter to, Style style)
{
    internal void Show(ToolProgress told)
    {
        string text = string.Concat(told.Message.Select(c => char.IsControl(c) && c != '\t' ? ' ' : c));
        to.WriteLine(told.Stage switch
        {
            "started" => style.Heading($"{told.Item} {text}"),
            "cached" => style.Faint($"{told.Item} cached"),
            "done" => style.Good($"{told.Item} done in {Seconds(told.Progress)}"),
            "failed" => style.Bad($"{told.Item} failed after {Seconds(told.Progress)}"), // the error itself comes at the end
            "warning" => style.Warning($"warning: {text}"),
            _ => $"{told.Item} {text}",
        });
    }

    private static string Seconds(double milliseconds) => (milliseconds / 1000).ToString("0.0 s", CultureInfo.InvariantCulture);
}
