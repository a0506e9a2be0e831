using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The options of run and create that describe the container.</summary>
internal sealed class SpecOptions(CliCommand command)
{
    private const string UnlimitedText = "unlimited";

    private readonly Option<bool> _interactive = command.Flag("Keep stdin open, and pass ours on", "--interactive", "-i");
    private readonly Option<bool> _tty = command.Flag("Give the command a terminal", "--tty", "-t");
    private readonly Option<bool> _remove = command.Flag("Remove the container when its command has ended", "--rm");
    private readonly Option<string?> _name = command.Value("NAME", "Its name (else one is made up)", "--name");
    private readonly Option<string[]> _env = command.Values("NAME=VALUE", "Environment; NAME alone takes the value it has here", "--env", "-e");
    private readonly Option<string[]> _envFile = command.Values("FILE", "File of NAME=VALUE lines", "--env-file");
    private readonly Option<string?> _workdir = command.Value("DIR", "Working directory", "--workdir", "-w");
    private readonly Option<string?> _user = command.Value("USER[:GROUP]", "Names or ids in the container", "--user", "-u");
    private readonly LimitOptions _limits = new(command);
    private readonly Option<string?> _disk = command.Value("SIZE", "Most disk for what it writes, such as 2GiB", "--disk");
    private readonly Option<bool> _readOnly = command.Flag("Make the root file system read-only", "--read-only");
    private readonly Option<string?> _hostname = command.Value("NAME", "Host name (else the short id)", "--hostname");
    private readonly Option<string[]> _label = command.Values("KEY[=VALUE]", "Label", "--label", "-l");
    private readonly Option<string?> _ttl = command.Value("DURATION", "Remove it by force after this time, such as 30m", "--ttl");
    private readonly Option<string?> _task = command.Value("TASK", "The task that it ends with, by id or name; its strategy is task then", "--task");
    private readonly Option<string?> _strategy = command.Value("STRATEGY", "Who cleans up: ephemeral, task, session (default) or service", "--strategy");
    private readonly Option<string?> _entrypoint = command.Value("PROGRAM", "Replaces the image's entrypoint; '' for none", "--entrypoint");
    private readonly Option<string[]> _capAdd = command.Values("CAP", "Capability beyond the default ones", "--cap-add");
    private readonly Option<string[]> _capDrop = command.Values("CAP", "Capability to leave out; ALL for every one", "--cap-drop");
    private readonly Option<string[]> _ulimit = command.Values("NAME=SOFT[:HARD]", "Resource limit of each process, such as nofile=1024", "--ulimit");
    private readonly Option<string[]> _tmpfs = command.Values("PATH[:size=SIZE]", "Mount a file system in memory", "--tmpfs");
    private readonly MountOptions _mounts = new(command);
    private readonly Option<string[]> _network = command.Values("NETWORK", "A network that it is in from the beginning ('quilt network create')", "--network");
    private readonly Option<string[]> _secret = command.Values("NAME", "A secret that the operator keeps (see 'quiltd --secrets'), as a file in memory: /run/secrets/NAME", "--secret");
    private readonly Option<bool> _noInit = command.Flag("Let the command be PID 1, without an init before it", "--no-init");
    private readonly Option<string?> _stopSignal = command.Value("SIGNAL", "What asks it to end (else the image's, or TERM)", "--stop-signal");
    private readonly Option<string?> _stopTimeout = command.Value("DURATION", "How long it may take to end when asked (default 10s)", "--stop-timeout");
    private readonly HealthOptions _health = new(command);
    private readonly Option<bool> _quiet = command.Flag("Print the id alone", "--quiet", "-q");

    /// <summary>What does what docker's options do that are none here.</summary>
    internal static string? Instead(string option) => option switch
    {
        "-p" or "--publish" or "-P" or "--publish-all" => "when it is made, 'quilt port bind CONTAINER [HOSTIP:]HOSTPORT:PORT' opens a port of the host that leads to it",
        "--link" => "when both are made, 'quilt connect FROM TO:PORT' lets one reach the other",
        "--net" => "use --network NAME; 'quilt network create NAME' makes one",
        _ => null,
    };

    internal bool Interactive(Invocation call) => call.Get(_interactive);

    internal bool Tty(Invocation call) => call.Get(_tty);

    internal bool Remove(Invocation call) => call.Get(_remove);

    internal bool Quiet(Invocation call) => call.Get(_quiet);

    internal ContainerSpec Read(Invocation call, string? image)
    {
        ContainerSpec spec = new()
        {
            Name = call.Get(_name) ?? "",
            Image = image ?? "",
            WorkingDir = call.Get(_workdir) ?? "",
            User = call.Get(_user) ?? "",
            Hostname = call.Get(_hostname) ?? "",
            Strategy = call.Get(_strategy) ?? (call.Get(_task) is null ? "" : "task"),
            TaskId = call.Get(_task) ?? "",
            ReadOnlyRootfs = call.Get(_readOnly),
            StopSignal = call.Get(_stopSignal) ?? "",
            Tty = Tty(call),
            StdinOpen = Interactive(call),
            AutoRemove = Remove(call),
            Resources = ReadResources(call),
        };
        spec.Command.AddRange(call.ContainerCommand);
        spec.CapAdd.AddRange(call.Get(_capAdd) ?? []);
        spec.CapDrop.AddRange(call.Get(_capDrop) ?? []);
        if (call.Get(_noInit))
        {
            spec.Init = false;
        }

        if (call.Get(_entrypoint) is { } entrypoint)
        {
            spec.ClearEntrypoint = entrypoint.Length == 0;
            spec.Entrypoint.AddRange(entrypoint.Length == 0 ? [] : [entrypoint]);
        }

        spec.Ttl = ReadDuration(call.Get(_ttl), "--ttl");
        spec.StopTimeout = ReadDuration(call.Get(_stopTimeout), "--stop-timeout");
        KeyValues.AddEnvironment(spec.Env, call.Get(_envFile) ?? [], call.Get(_env) ?? []);
        spec.Labels.Add(KeyValues.Labels(call.Get(_label)));

        spec.Ulimits.AddRange((call.Get(_ulimit) ?? []).Select(ReadUlimit));
        if (_limits.Files(call) is { } files)
        {
            spec.Ulimits.Add(files);
        }

        spec.HealthCheck = _health.Read(call);
        spec.Networks.AddRange(call.Get(_network) ?? []);
        spec.Secrets.AddRange(call.Get(_secret) ?? []);
        spec.Tmpfs.AddRange((call.Get(_tmpfs) ?? []).Select(ReadTmpfs));
        _mounts.AddTo(spec, call);
        return spec;
    }

    internal static Duration? ReadDuration(string? text, string field) => text is null ? null : DurationText.Parse(text, field).ToDuration();

    internal static Ulimit ReadUlimit(string text)
    {
        const string field = "--ulimit";
        (string name, string? limits) = KeyValues.Split(text, field);
        string[] parts = (limits ?? "").Split(':');
        return parts.Length is 1 or 2 && TryLimit(parts[0], out ulong soft) && TryLimit(parts[^1], out ulong hard)
            ? new Ulimit { Name = name, Soft = soft, Hard = hard }
            : throw QuiltException.Invalid(field, $"{field} '{text}' is not a limit", "give NAME=SOFT or NAME=SOFT:HARD, numbers or 'unlimited', such as nofile=1024:4096");
    }

    internal static Tmpfs ReadTmpfs(string text)
    {
        const string field = "--tmpfs", size = "size=";
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new Tmpfs { Path = text };
        }

        string option = text[(colon + 1)..];
        return option.StartsWith(size, StringComparison.Ordinal)
            ? new Tmpfs { Path = text[..colon], SizeBytes = ByteSize.Parse(option[size.Length..], field).Bytes }
            : throw QuiltException.Invalid(field, $"{field} '{text}' has an unknown option '{option}'", "give PATH or PATH:size=SIZE, such as /tmp:size=64MiB");
    }

    private Resources ReadResources(Invocation call)
    {
        Resources read = _limits.Read(call);
        read.DiskBytes = call.Get(_disk) is { } disk ? ByteSize.Parse(disk, "--disk").Bytes : 0;
        return read;
    }

    private static bool TryLimit(string text, out ulong limit)
    {
        limit = ulong.MaxValue;
        return text is UnlimitedText or "-1" || ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit);
    }
}
