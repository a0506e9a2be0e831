using System.Globalization;
using System.Text;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    /// <summary>Where a here-document that begins with <c>#!</c> is a file to be run.</summary>
    private const string ScriptFolder = "/dev/pipes/";
    private const uint ScriptMode = 0x1ED; // 0755

    private async Task RunAsync(Instruction.Run run, CancellationToken cancellation)
    {
        Expander expander = ExpanderOf(run);
        (CommandLine line, StepMount.Content? script) = CommandOf(run);
        IReadOnlyList<string> command = line.With(Shell);
        StepNetwork network = run.Network == RunNetwork.Default && _session.Request.Egress.Count > 0 ? StepNetwork.Egress : StepNetwork.None;
        using StepMounts mounts = new(_session.Services.Mounts);
        Dictionary<string, string> secrets = [];
        using CacheKey key = new("run");
        key.Add(_session.Request.CacheScope).Add(ChainId).Add(command).Add(EpochText).Add(_document.Architecture)
            .Add(network == StepNetwork.Egress ? _session.Request.Egress : []).Add(Config.WorkingDir).Add(Config.User).Add(script is null ? null : Convert.ToHexStringLower(script.Bytes.Span));
        SortedDictionary<string, string> environment = EnvironmentOf();
        key.Add([.. environment.Select(e => $"{e.Key}={e.Value}")]);
        foreach (MountOption option in run.Mounts)
        {
            await AddMountAsync(option, expander, mounts, secrets, key, cancellation).ConfigureAwait(false);
        }

        if (script is not null)
        {
            mounts.Add(script);
        }

        string createdBy = $"RUN {History(command)}";
        (StoredLayer? layer, DateTimeOffset created) = await CachedAsync(key.Finish(), mayReuse: true, async () =>
        {
            await mounts.AcquireAsync(cancellation).ConfigureAwait(false);
            foreach ((string name, string value) in secrets.Concat(_session.Request.Arguments.Where(a => PlatformArguments.IsProxy(a.Key))))
            {
                environment.TryAdd(name, value);
            }

            BuildStep step = new()
            {
                LayerFolders = Folders,
                Command = command,
                Environment = environment,
                WorkingDirectory = Config.WorkingDir ?? "/",
                User = Config.User ?? "",
                Network = network,
                Mounts = mounts.All,
            };
            return await RunAsync(run, step, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        AddLayer(layer!, created, createdBy);
    }

    private async Task<StoredLayer?> RunAsync(Instruction.Run run, BuildStep step, CancellationToken cancellation)
    {
        await _session.Slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            OutputTail tail = new();
            await using IStepOutcome outcome = await _session.Helpers.Runner.RunAsync(
                step,
                output =>
                {
                    tail.Add(output.Bytes.Span);
                    _session.Tell(new BuildEvent.Output(_step, output.Bytes, output.IsError));
                },
                cancellation).ConfigureAwait(false);
            if (outcome.ExitCode != 0)
            {
                throw Failed(run, outcome.ExitCode, tail.Lines());
            }

            using MountStubs stubs = new(step);
            stubs.Remove(outcome);
            UpperArchiveOptions options = new() { LatestTime = _session.Epoch };
            return await _session.Services.Store.AddUpperAsync(_session.Lease, _layers, outcome.UpperFolder, outcome.HostIdBase, options, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _session.Slots.Release();
        }
    }

    private static QuiltException Failed(Instruction.Run run, int exitCode, IReadOnlyList<string> lastLines)
    {
        string how = exitCode switch
        {
            126 => "could not be executed (exit code 126)",
            127 => "was not found (exit code 127)",
            > 128 and <= 128 + 64 => string.Create(CultureInfo.InvariantCulture, $"was ended by {Linux.Signals.NameOf(exitCode - 128)} (exit code {exitCode})"),
            _ => string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exitCode}"),
        };
        QuiltException located = run.Origin.Line.Source.Error(run.Origin.Position, $"the command {how}", "mend the command; the steps before it stay in the cache", ErrorCode.FailedPrecondition);
        string lines = lastLines.Count == 0 ? "\nit wrote nothing" : "\nits last lines:\n  " + string.Join("\n  ", lastLines);
        return new QuiltException(located.Code, located.Message + lines, located.Remedy, located.Field);
    }

    /// <summary>The command with its here-documents, as the shell is to get it.</summary>
    private static (CommandLine Line, StepMount.Content? Script) CommandOf(Instruction.Run run)
    {
        if (run.Heredocs.Count == 0)
        {
            return (run.Line, null);
        }

        if (run.Heredocs.Count == 1 && Heredoc.TryOpen(run.Line.Words[0]) is not null)
        {
            // The here-document is the whole command: a script of the shell's, or of what its first line names.
            string body = run.Heredocs[0].Body;
            string path = ScriptFolder + string.Join('-', SlashPath.Names(run.Heredocs[0].Name).DefaultIfEmpty("script"));
            return body.StartsWith("#!", StringComparison.Ordinal)
                ? (new CommandLine(false, [path]), new StepMount.Content(path, Encoding.UTF8.GetBytes(body), ScriptMode, 0, 0))
                : (new CommandLine(false, [body]), null);
        }

        return (new CommandLine(false, [run.Line.Words[0] + string.Concat(run.Heredocs.Select(h => $"\n{h.Content}{h.Name}"))]), null);
    }

    /// <summary>Of the command: the image's, and arguments where ENV does not go before.</summary>
    private SortedDictionary<string, string> EnvironmentOf()
    {
        SortedDictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach ((string name, string? value) in _arguments.Where(a => a.Value is not null))
        {
            environment[name] = value!;
        }

        foreach (string pair in Config.Env ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                environment[pair[..equals]] = pair[(equals + 1)..];
            }
        }

        return environment;
    }

    /// <summary>As Docker writes it: how many arguments there were, and each.</summary>
    private string History(IReadOnlyList<string> command)
    {
        List<string> arguments = [.. _arguments.Where(a => a.Value is not null).Select(a => $"{a.Name}={a.Value}")];
        string text = string.Join(' ', command);
        return arguments.Count == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"|{arguments.Count} {string.Join(' ', arguments)} {text}");
    }
}
