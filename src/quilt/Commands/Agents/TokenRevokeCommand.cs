using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TokenRevokeCommand : ToolCommand
{
    private readonly Argument<string> _token;

    internal TokenRevokeCommand()
        : base("agent token revoke", "Make a token worthless at once") => _token = Word("TOKEN-ID");

    internal override string Usage => "TOKEN-ID";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent token revoke 4f2a9c", "Its id as 'quilt agent token ls' shows it, not the token")];

    protected override string Tool => "revokeToken";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("tokenId", call.Get(_token));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["tokenId"].Text);
}
