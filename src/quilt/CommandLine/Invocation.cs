using System.CommandLine;

namespace Quilt.Cli;

/// <summary>One call of a command: what was given to it, and where it writes.</summary>
internal sealed class Invocation(CliCommand command, ParseResult parsed, GlobalOptions globals, string[] containerCommand, StandardStreams streams) : IDisposable
{
    private DaemonConnection? _connection;
    private Caller? _caller;
    private DaemonAddress? _address;

    internal CliCommand Command { get; } = command;

    /// <summary>What to run in the container; empty where nothing was given.</summary>
    internal string[] ContainerCommand { get; } = containerCommand;

    internal StandardStreams Streams { get; } = streams;

    /// <summary>For answers, human or JSON; written when the command has ended, or at <see cref="TextWriter.Flush"/>.</summary>
    internal TextWriter Out => Streams.Out;

    internal bool Json { get; } = parsed.GetValue(globals.Json);

    /// <summary>Where quiltd listens; looked at when first asked for, so that what asks no daemon does without a good one.</summary>
    internal DaemonAddress Address => _address ??= DaemonAddress.Choose(parsed.GetValue(globals.Host), Environment.GetEnvironmentVariable("QUILT_HOST"));

    /// <summary>Who calls; looked at when first asked for, so that what asks no daemon reads no token.</summary>
    internal Caller Caller => _caller ??= Caller.Choose(parsed.GetValue(globals.Token), parsed.GetValue(globals.Session), Environment.GetEnvironmentVariable);

    /// <summary>The daemon; connected when first asked for.</summary>
    internal DaemonClient Daemon => (_connection ??= DaemonConnection.Open(Address, Caller)).Client;

    /// <summary>Whether an option of every command was given.</summary>
    internal bool Has(Func<GlobalOptions, Option<string?>> option) => parsed.GetValue(option(globals)) is not null;

    internal bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

    internal T? Get<T>(Option<T> option) => parsed.GetValue(option);

    internal T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public void Dispose() => _connection?.Dispose();
}
