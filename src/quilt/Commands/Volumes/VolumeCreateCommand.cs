using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeCreateCommand : ToolCommand
{
    private readonly Argument<string> _name;
    private readonly VolumeFields _fields;

    internal VolumeCreateCommand()
        : base("volume create", "Make a volume, which outlives containers", "Print the id alone")
    {
        _name = Word("NAME");
        _fields = new VolumeFields(this);
    }

    internal override string Usage => $"{VolumeFields.Usage} [-q] NAME";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt volume create data", "With no limit but the disk's"),
        new("quilt volume create --size 1GiB -l stage=test data", "One that is full at 1 GiB"),
    ];

    protected override string Tool => "createVolume";

    internal override ToolArguments ArgumentsOf(Invocation call) => _fields.AddTo(new ToolArguments().Add("name", call.Get(_name)), call);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["volume"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["volume"]["name"].Text);
}
