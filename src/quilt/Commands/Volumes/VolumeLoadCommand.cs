using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeLoadCommand : ToolCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _input;
    private readonly VolumeFields _fields;

    internal VolumeLoadCommand()
        : base("volume load", "Make a volume of an archive", "Print the id alone")
    {
        _name = Word("NAME");
        _input = Value("FILE", "Read it here (else from stdin)", "--input", "-i");
        _fields = new VolumeFields(this);
    }

    internal override string Usage => $"[-i FILE] {VolumeFields.Usage} [-q] NAME";

    internal override string Details => "A tar archive, compressed or not, such as 'quilt volume save' writes it. The volume is new.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume load -i data.tar data", "From a file")];

    protected override string Tool => "loadVolume";

    internal override ToolArguments ArgumentsOf(Invocation call) => _fields.AddTo(new ToolArguments().Add("name", call.Get(_name)), call);

    protected override Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) => ArchiveInput.AddAsync(call, arguments, call.Get(_input), "--input");

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["volume"]["id"].Text];

    protected override IEnumerable<string> Remarks(ToolAnswer answer) => LeftOut.Of(answer);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["volume"]["name"].Text);
}
