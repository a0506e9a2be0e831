using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeInspectCommand : ToolCommand
{
    private readonly Argument<string> _volume;

    internal VolumeInspectCommand()
        : base("volume inspect", "Show a volume, what is in it and who has it") => _volume = Word("VOLUME");

    internal override string Usage => "VOLUME";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume inspect data", "Its size, how much is in it, and where containers have it")];

    protected override string Tool => "inspectVolume";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("volume", call.Get(_volume));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        ToolAnswer volume = answer["volume"];
        new FieldList()
            .Add("id", volume["id"].Text)
            .Add("name", volume["name"].Text)
            .Add("type", volume["type"].Text)
            .Add("size", VolumeRows.Size(volume["size"].Text))
            .Add("used", VolumeRows.Size(volume["used"].Text))
            .Add("labels", string.Join(' ', volume["labels"].Fields.Select(l => $"{l.Name}={l.Value.Text}")))
            .Add("created", volume["createdAt"].When(now))
            .Write(to, style);
        TextTable table = new("CONTAINER", "PATH", "ACCESS");
        foreach (ToolAnswer user in volume["users"].Items)
        {
            table.Add(user["containerName"].Text, user["path"].Text, user["readOnly"].Text == "true" ? "read-only" : "read and write");
        }

        table.Write(to, style);
    }
}
