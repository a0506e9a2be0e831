using System.CommandLine;

namespace Quilt.Cli;

internal sealed class McpCommand : CliCommand
{
    private readonly Option<bool> _lazy;

    internal McpCommand()
        : base("mcp", "Serve the Model Context Protocol on stdin and stdout") =>
        _lazy = Flag("Show a handful of tools, and find the rest by search", "--lazy");

    internal override string Usage => "[--lazy]";

    internal override string Details =>
        """
        What an MCP client starts: 'quilt mcp install' tells it to. One JSON-RPC message a line, in both directions, and nothing else on
        stdout. Ends when stdin has ended and every answer is out, or nobody reads them any more.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt mcp --token \"$TOKEN\"", "With the tools that this agent has been granted"),
        new("quilt mcp --lazy", "For a model with little room"),
    ];

    // The one command of its group that has words of its own after it.
    internal override ArgumentKind Completes => ArgumentKind.CommandName;

    internal override async Task<int> RunAsync(Invocation call)
    {
        using McpBridge bridge = new(call.Daemon.Mcp(), call.Get(_lazy));
        await bridge.RunAsync(StandardStreams.Stdin, StandardStreams.Stdout, call.Streams.OutBytes);
        return 0;
    }
}
