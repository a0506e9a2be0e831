using System.CommandLine;

namespace Quilt.OciRuntime;

/// <summary>The options that <c>create</c> and <c>run</c> share.</summary>
internal sealed class CreateFlags
{
    private readonly Option<string> _bundle = new("--bundle", "-b") { Description = "The bundle's folder", DefaultValueFactory = _ => "." };
    private readonly Option<string?> _pidFile = new("--pid-file") { Description = "File for the pid" };
    private readonly Option<string?> _consoleSocket = new("--console-socket") { Description = "AF_UNIX socket that receives the terminal's master" };
    private readonly Option<int> _preserveFds = new("--preserve-fds") { Description = "How many descriptors from 3 on are inherited" };
    private readonly Option<bool> _noPivot = new("--no-pivot") { Description = "For a root on the initial ramfs" };
    private readonly Option<bool> _noNewKeyring = new("--no-new-keyring") { Description = "Keep the session keyring" };

    internal IEnumerable<Symbol> All => [_bundle, _pidFile, _consoleSocket, _preserveFds, _noPivot, _noNewKeyring];

    internal CreateOptions Read(ParseResult parsed) => new(
        parsed.GetValue(_bundle)!, parsed.GetValue(_pidFile), parsed.GetValue(_consoleSocket), parsed.GetValue(_preserveFds), parsed.GetValue(_noPivot), parsed.GetValue(_noNewKeyring));
}
