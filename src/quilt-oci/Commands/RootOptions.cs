using System.CommandLine;
using System.Text.Json;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>The options before the command, which engines give to every OCI runtime.</summary>
internal sealed class RootOptions
{
    private readonly Option<string> _root = new("--root") { Description = "Folder of the containers' states", DefaultValueFactory = _ => "/run/quilt-oci" };
    private readonly Option<string?> _log = new("--log") { Description = "File for messages" };
    private readonly Option<string> _format = new("--log-format") { Description = "text or json", DefaultValueFactory = _ => "text" };
    private readonly Option<bool> _debug = new("--debug") { Description = "Accepted for compatibility" };
    private readonly Option<bool> _systemd = new("--systemd-cgroup") { Description = "linux.cgroupsPath is SLICE:PREFIX:NAME" };

    internal RootCommand Command { get; } = new("quilt-oci: runs containers from OCI bundles");

    internal RootOptions()
    {
        foreach (Option option in (Option[])[_root, _log, _format, _debug, _systemd])
        {
            option.Recursive = true;
            Command.Options.Add(option);
        }

        Command.Options.Add(new Option<string?>("--rootless") { Description = "Accepted for compatibility", Recursive = true });
    }

    /// <summary>Adds a command whose failures are told as our errors are: message, remedy, exit code 1.</summary>
    internal Command Add(string name, string description, Func<Runtime, ParseResult, int> action, params ReadOnlySpan<Symbol> symbols)
    {
        Command command = new(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(parsed =>
        {
            Action<string, string> log = (level, message) => Log(parsed, level, message);
            try
            {
                return action(new Runtime(parsed.GetValue(_root)!, parsed.GetValue(_systemd), message => log("warning", message)), parsed);
            }
            catch (QuiltException e)
            {
                return Fail(log, e.Remedy is null ? e.Message : $"{e.Message}; {e.Remedy}", 1);
            }
            catch (LaunchException e)
            {
                int code = e.CommandNotFound ? 127 : e.CommandNotExecutable ? 126 : 1;
                return Fail(log, $"{LaunchException.StageName(e.Stage)}: {e.Message}; {e.Remedy}", code);
            }
            catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
            {
                return Fail(log, e.Message, 1);
            }
        });
        Command.Subcommands.Add(command);
        return command;
    }

    private static int Fail(Action<string, string> log, string message, int code)
    {
        log("error", message);
        Console.Error.WriteLine($"quilt-oci: {message}");
        return code;
    }

    private void Log(ParseResult parsed, string level, string message)
    {
        if (parsed.GetValue(_log) is not { Length: > 0 } path)
        {
            return;
        }

        string line = parsed.GetValue(_format) == "json"
            ? JsonSerializer.Serialize(new LogLine(level, message, DateTimeOffset.UtcNow), RuntimeJson.Default.LogLine)
            : $"time=\"{DateTimeOffset.UtcNow:O}\" level={level} msg=\"{message}\"";
        File.AppendAllText(path, line + "\n");
    }
}
