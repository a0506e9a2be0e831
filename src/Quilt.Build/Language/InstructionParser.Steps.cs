using Quilt.Core;

namespace Quilt.Build;

internal sealed partial class InstructionParser
{
    private Instruction.Run Run()
    {
        Flags flags = ReadFlags("mount", "network", "security", "device");
        if (flags.One("security") is { Text: not "sandbox" } security)
        {
            throw _line.Error(security.Offset, $"--security={Text.Printable(security.Text)} is not granted", "a step has no more privileges than a container; leave the option out");
        }

        if (flags.One("device") is { } device)
        {
            throw _line.Error(device.Offset, "--device is not supported", "a step has no devices; leave the option out");
        }

        RunNetwork network = flags.One("network") switch
        {
            null or { Text: "default" } => RunNetwork.Default,
            { Text: "none" } => RunNetwork.None,
            { Text: "host" } host => throw _line.Error(host.Offset, "--network=host is not granted", "a step has the build's egress where one is granted; leave the option out"),
            { } other => throw _line.Error(other.Offset, $"--network='{Text.Printable(other.Text)}' is no network of a step's", "give default or none"),
        };
        CommandLine command = CommandLine();
        if (command.IsExec && command.Words.Count == 0)
        {
            throw Missing("a command");
        }

        return new Instruction.Run(_origin, command, command.IsExec ? [] : _heredocs(_line), [.. flags.All("mount").Select(m => MountOption.Read(_line, m))], network);
    }

    private Instruction.Copy Copy(params ReadOnlySpan<string> known)
    {
        Flags flags = ReadFlags(known);
        CopyOptions options = new()
        {
            From = flags.One("from"),
            Owner = flags.One("chown"),
            Permissions = flags.One("chmod"),
            Checksum = flags.One("checksum"),
            Excluded = flags.All("exclude"),
            Link = flags.Switch("link") ?? false,
            Parents = flags.Switch("parents") ?? false,
            KeepGitFolder = flags.Switch("keep-git-dir") ?? false,
            Unpack = flags.Switch("unpack"),
        };
        if (options.From is { } from && from.Text.Contains('$', StringComparison.Ordinal))
        {
            throw _line.Error(from.Offset, "--from takes no variables", "begin a stage with FROM $VARIABLE AS NAME, and copy from that");
        }

        bool isList = ExecForm.TryRead(Rest) is not null;
        IReadOnlyList<Heredoc> heredocs = isList ? [] : _heredocs(_line);
        List<RawWord> words = ListOrWords();
        if (words.Count < 2)
        {
            throw Missing("what to copy and where to");
        }

        List<RawWord> sources = [.. words.SkipLast(1)];
        if (heredocs.Count > 0)
        {
            // The opening may have a space behind its sign; what is left is what is no opening.
            HashSet<string> openings = [.. heredocs.Select(h => h.Name)];
            sources.RemoveAll(s => Heredoc.TryOpen(s.Text) is { } h && openings.Contains(h.Name));
        }

        return new Instruction.Copy(_origin, sources, words[^1], heredocs, options);
    }

    private Instruction.HealthCheck HealthCheck()
    {
        Flags flags = ReadFlags("interval", "timeout", "start-period", "start-interval", "retries");
        int end = Skip(_line.Text, _at, c => !char.IsWhiteSpace(c));
        string kind = _line.Text[_at..end].ToUpperInvariant();
        int kindAt = _at;
        _at = Skip(_line.Text, end, char.IsWhiteSpace);
        switch (kind)
        {
            case "NONE" when Rest.Length == 0:
                return new Instruction.HealthCheck(_origin, ["NONE"], new HealthCheckOptions());
            case "NONE":
                throw _line.Error(_at, "HEALTHCHECK NONE takes nothing", "end the line there");
            case "CMD":
                CommandLine command = CommandLine();
                return new Instruction.HealthCheck(_origin, command.IsExec ? ["CMD", .. command.Words] : ["CMD-SHELL", .. command.Words], new HealthCheckOptions
                {
                    Interval = Duration(flags.One("interval")),
                    Timeout = Duration(flags.One("timeout")),
                    StartPeriod = Duration(flags.One("start-period")),
                    StartInterval = Duration(flags.One("start-interval")),
                    Retries = Retries(flags.One("retries")),
                });
            case "":
                throw Missing("CMD COMMAND or NONE");
            default:
                throw _line.Error(kindAt, $"'{Text.Printable(kind)}' is no kind of health check", "write HEALTHCHECK CMD COMMAND, or HEALTHCHECK NONE");
        }
    }

    private TimeSpan? Duration(RawWord? word)
    {
        if (word is not { } given)
        {
            return null;
        }

        // Docker asks for a unit; 0 means the default.
        return DurationText.TryParse(given.Text, out TimeSpan duration) && (given.Text == "0" || !char.IsAsciiDigit(given.Text[^1])) && (duration == TimeSpan.Zero || duration >= TimeSpan.FromMilliseconds(1))
            ? duration
            : throw _line.Error(given.Offset, $"'{Text.Printable(given.Text)}' is not a duration", "give a number with a unit, 1ms or more, such as 30s or 1m30s; 0s is the default");
    }

    private int? Retries(RawWord? word)
    {
        if (word is not { } given)
        {
            return null;
        }

        return int.TryParse(given.Text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int retries)
            ? retries
            : throw _line.Error(given.Offset, $"'{Text.Printable(given.Text)}' is no number of retries", "give 1 or more; 0 is the default");
    }
}
