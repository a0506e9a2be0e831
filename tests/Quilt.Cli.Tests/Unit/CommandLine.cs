using System.Text;

namespace Quilt.Cli.Tests;

/// <summary>The command line in this process, its output kept.</summary>
internal static class CommandLine
{
    /// <summary>Nobody listens there.</summary>
    internal const string NoDaemon = "unix:///nonexistent/quilt.sock";

    /// <summary>From words to what a command is called with; a wrong word throws.</summary>
    internal static (CliCommand Command, Invocation Call) Parse(params string[] words)
    {
        GlobalOptions globals = new();
        (string name, string[] rest) = CommandLineHost.FindCommand(words, globals);
        CliCommand command = CommandTable.Find(name) ?? throw new ArgumentException(name);
        (string[] ours, string[] inner) = OptionScan.Split(command, globals, rest);
        return (command, new Invocation(command, CommandParser.Parse(command, globals, ours), globals, inner, Streams(out _, out _)));
    }

    /// <summary>A whole run.</summary>
    internal static async Task<(int ExitCode, string Stdout, string Stderr)> Run(params string[] words)
    {
        StandardStreams streams = Streams(out MemoryStream output, out MemoryStream error);
        int exitCode = await CommandLineHost.RunAsync(words, streams);
        return (exitCode, Text(output), Text(error));
    }

    internal static string Write(Action<TextWriter> write)
    {
        using StringWriter writer = new() { NewLine = "\n" };
        write(writer);
        return writer.ToString();
    }

    private static StandardStreams Streams(out MemoryStream output, out MemoryStream error) => new(output = new MemoryStream(), error = new MemoryStream(), isTerminal: false);

    private static string Text(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray());
}
