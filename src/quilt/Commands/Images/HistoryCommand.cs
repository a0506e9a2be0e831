using System.CommandLine;

namespace Quilt.Cli;

internal sealed class HistoryCommand : ToolCommand
{
    private const int Shown = 72;
    private readonly Argument<string> _image;
    private readonly Option<bool> _whole;

    internal HistoryCommand()
        : base("history", "Show what an image was made of")
    {
        _image = Word("IMAGE");
        _whole = Flag("Show each line whole", "--no-trunc");
    }

    internal override string Usage => "[--no-trunc] IMAGE";

    internal override IReadOnlyList<Example> Examples => [new("quilt history debian:12", "The latest step first")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    protected override string Tool => "inspectImage";

    private bool _untruncated;

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        _untruncated = call.Get(_whole);
        return new ToolArguments().Add("image", call.Get(_image));
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("CREATED", "SIZE", "CREATED BY");
        foreach (ToolAnswer step in answer["history"].Items.Reverse())
        {
            string by = step["createdBy"].Text.ReplaceLineEndings(" ");
            table.Add(step["created"].When(now), ImageRows.Size(step["size"]), _untruncated || by.Length <= Shown ? by : $"{by[..Shown]}…");
        }

        table.Write(to, style);
    }
}
