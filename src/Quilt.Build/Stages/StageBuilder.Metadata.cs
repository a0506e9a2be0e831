using System.Globalization;
using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const long NanosecondsPerTick = 100;
    private const int MostPorts = 65_536;
    private static readonly string[] DefaultShell = ["/bin/sh", "-c"];

    private IReadOnlyList<string> Shell => Config.Shell is { Count: > 0 } shell ? shell : DefaultShell;

    /// <summary>What changes no file.</summary>
    private void Configure(Instruction instruction)
    {
        Expander expander = ExpanderOf(instruction);
        string history = instruction switch
        {
            Instruction.Env env => "ENV " + string.Join(' ', Pairs(env.Pairs, expander).Select(p =>
            {
                SetEnvironment(p.Name, p.Value);
                return $"{p.Name}={p.Value}";
            })),
            Instruction.Label label => AddLabels(Pairs(label.Pairs, expander)),
            Instruction.Arg arg => SetArguments(arg, expander),
            Instruction.Command command => SetCommand(command.Line),
            Instruction.Entrypoint entrypoint => SetEntrypoint(entrypoint.Line),
            Instruction.Shell shell => SetShell(shell.Words),
            Instruction.Expose expose => ExposePorts(expose, expander),
            Instruction.Volume volume => AddVolumes(volume, expander),
            Instruction.User user => SetUser(user, expander),
            Instruction.StopSignal signal => SetStopSignal(signal, expander),
            Instruction.HealthCheck check => SetHealthCheck(check),
            Instruction.OnBuild trigger => AddTrigger(trigger.Trigger),
            Instruction.Maintainer maintainer => SetAuthor(maintainer.Name),
            _ => throw new InvalidOperationException($"nothing does {instruction.Keyword}"),
        };
        AddHistory(history);
    }

    private static List<(string Name, string Value)> Pairs(IReadOnlyList<KeyValuePair<RawWord, RawWord>> pairs, Expander expander) =>
    [
        // All of one instruction see the variables as they were before it.
        .. pairs.Select(p => (Name: expander.Word(p.Key), Value: expander.Word(p.Value)))
            .Select((p, i) => p.Name.Length > 0 ? p : throw expander.Origin.Error(pairs[i].Key, "the name comes out empty", "write NAME=VALUE")),
    ];

    private static SortedDictionary<string, T> With<T>(IReadOnlyDictionary<string, T>? before, IEnumerable<KeyValuePair<string, T>> added)
    {
        SortedDictionary<string, T> after = new(StringComparer.Ordinal);
        foreach ((string name, T value) in (before ?? new Dictionary<string, T>()).Concat(added))
        {
            after[name] = value;
        }

        return after;
    }

    private static IEnumerable<KeyValuePair<string, EmptyObject>> Members(IEnumerable<string> names) => names.Select(n => KeyValuePair.Create(n, new EmptyObject()));

    private void SetEnvironment(string name, string value)
    {
        List<string> environment = [.. Config.Env ?? []];
        int at = environment.FindIndex(e => e.StartsWith(name + "=", StringComparison.Ordinal));
        if (at >= 0)
        {
            environment[at] = $"{name}={value}";
        }
        else
        {
            environment.Add($"{name}={value}");
        }

        Config = Config with { Env = environment };
    }

    private string AddLabels(List<(string Name, string Value)> labels)
    {
        Config = Config with { Labels = With(Config.Labels, labels.Select(l => KeyValuePair.Create(l.Name, l.Value))) };
        return "LABEL " + string.Join(' ', labels.Select(l => $"{l.Name}={l.Value}"));
    }

    private string SetArguments(Instruction.Arg arg, Expander expander)
    {
        List<string> texts = [];
        foreach ((RawWord word, RawWord? written) in arg.Names)
        {
            string name = expander.Word(word);
            string? fallback = written is { } text ? expander.Word(text) : null;
            string? value = _session.ArgumentOf(name) ?? fallback ?? _session.Plan.GlobalArguments.GetValueOrDefault(name);
            _arguments.RemoveAll(a => a.Name == name);
            _arguments.Add((name, value));
            texts.Add(value is null ? name : $"{name}={value}");
        }

        return "ARG " + string.Join(' ', texts);
    }

    private string SetCommand(CommandLine line)
    {
        _commandIsOwn = true;
        Config = Config with { Cmd = line.With(Shell) };
        return $"CMD {Quoted(Config.Cmd!)}";
    }

    private string SetEntrypoint(CommandLine line)
    {
        // The base's command is arguments of the base's entrypoint: it means nothing to another.
        IReadOnlyList<string> entrypoint = line.With(Shell);
        Config = Config with { Entrypoint = entrypoint.Count > 0 ? entrypoint : null, Cmd = _commandIsOwn ? Config.Cmd : null };
        return $"ENTRYPOINT {Quoted(entrypoint)}";
    }

    private string SetShell(IReadOnlyList<string> words)
    {
        Config = Config with { Shell = words };
        return $"SHELL [{string.Join(' ', words)}]";
    }

    private string ExposePorts(Instruction.Expose expose, Expander expander)
    {
        List<string> ports = [];
        foreach (RawWord word in expose.Ports)
        {
            foreach (string text in expander.Words(word))
            {
                ports.AddRange(PortsOf(text) ?? throw expander.Origin.Error(word, $"'{Text.Printable(text)}' is no port", "give 1 to 65535 or a range, with or without /tcp, /udp or /sctp, such as 80, 53/udp or 8000-8010"));
            }
        }

        Config = Config with { ExposedPorts = With(Config.ExposedPorts, Members(ports)) };
        return $"EXPOSE [{string.Join(' ', ports)}]";
    }

    /// <summary>Null where the text is no port. An address and the host's port before it say nothing about an image.</summary>
    private static IEnumerable<string>? PortsOf(string text)
    {
        Match match = Port().Match(text);
        if (!match.Success)
        {
            return null;
        }

        string protocol = match.Groups["protocol"].Success ? match.Groups["protocol"].Value.ToLowerInvariant() : "tcp";
        int first = int.Parse(match.Groups["first"].ValueSpan, CultureInfo.InvariantCulture);
        int last = match.Groups["last"].Success ? int.Parse(match.Groups["last"].ValueSpan, CultureInfo.InvariantCulture) : first;
        return first is > 0 and < MostPorts && last >= first && last < MostPorts
            ? Enumerable.Range(first, last - first + 1).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p}/{protocol}"))
            : null;
    }

    private string AddVolumes(Instruction.Volume volume, Expander expander)
    {
        List<string> paths = [.. volume.Paths.Select(expander.Word)];
        if (paths.Exists(string.IsNullOrWhiteSpace))
        {
            throw expander.Origin.Error("a volume's path comes out empty", "give an absolute path");
        }

        Config = Config with { Volumes = With(Config.Volumes, Members(paths)) };
        return $"VOLUME [{string.Join(' ', paths)}]";
    }

    private string SetUser(Instruction.User user, Expander expander)
    {
        string name = expander.Word(user.Name);
        Config = Config with { User = name.Length > 0 ? name : throw expander.Origin.Error(user.Name, "the user comes out empty", "give a name or a number") };
        return $"USER {name}";
    }

    private string SetStopSignal(Instruction.StopSignal instruction, Expander expander)
    {
        string signal = expander.Word(instruction.Signal);
        Config = Config with
        {
            StopSignal = Signals.TryParse(signal, out _)
                ? signal
                : throw expander.Origin.Error(instruction.Signal, $"'{Text.Printable(signal)}' is no signal", "give a name or number of signal(7), such as SIGQUIT or 3"),
        };
        return $"STOPSIGNAL {signal}";
    }

    private string SetHealthCheck(Instruction.HealthCheck check)
    {
        Config = Config with
        {
            Healthcheck = new ImageHealthcheck
            {
                Test = check.Test,
                IntervalNanoseconds = Nanoseconds(check.Options.Interval),
                TimeoutNanoseconds = Nanoseconds(check.Options.Timeout),
                StartPeriodNanoseconds = Nanoseconds(check.Options.StartPeriod),
                StartIntervalNanoseconds = Nanoseconds(check.Options.StartInterval),
                Retries = check.Options.Retries ?? 0,
            },
        };
        return $"HEALTHCHECK {Quoted(check.Test)}";
    }

    private string AddTrigger(string trigger)
    {
        Config = Config with { OnBuild = [.. Config.OnBuild ?? [], trigger] };
        return $"ONBUILD {trigger}";
    }

    private string SetAuthor(string name)
    {
        _document = _document with { Author = name };
        return $"MAINTAINER {name}";
    }

    private static long Nanoseconds(TimeSpan? duration) => (duration?.Ticks ?? 0) * NanosecondsPerTick;

    private static string Quoted(IEnumerable<string> words) => $"[{string.Join(' ', words.Select(w => $"\"{w.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}]";

    [GeneratedRegex(@"\A(?:(?:[0-9a-fA-F.:\[\]]*:)?[0-9-]{0,11}:)?(?<first>[0-9]{1,5})(?:-(?<last>[0-9]{1,5}))?(?:/(?<protocol>tcp|udp|sctp))?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Port();
}
