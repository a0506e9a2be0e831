using System.Text.Json;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Oci.Reading;

namespace Quilt.OciRuntime;

/// <summary>What <c>exec</c> is asked for; what is null comes from the container's own process.</summary>
internal sealed record ExecOptions
{
    internal string? ProcessFile { get; init; }
    internal required IReadOnlyList<string> Args { get; init; }
    internal required IReadOnlyList<string> Env { get; init; }
    internal string? Cwd { get; init; }
    internal string? User { get; init; }
    internal required IReadOnlyList<string> AdditionalGids { get; init; }
    internal required IReadOnlyList<string> Capabilities { get; init; }
    internal bool NoNewPrivileges { get; init; }
    internal string? ApparmorProfile { get; init; }
    internal string? SelinuxLabel { get; init; }
    internal bool Terminal { get; init; }
    internal string? PidFile { get; init; }
    internal string? ConsoleSocket { get; init; }
    internal bool Detach { get; init; }
    internal int PreserveFds { get; init; }

    /// <summary>Also where the container is paused: the process waits with it.</summary>
    internal bool IgnorePaused { get; init; }
}

internal sealed partial class Runtime
{
    internal int Exec(string id, ExecOptions options)
    {
        OciContainer container = Open(id);
        container.Require("execute in", options.IgnorePaused ? [OciContainer.Running, OciContainer.Paused] : [OciContainer.Running]);
        Seal(container.Spec);
        OciProcess process = Process(container.Spec, options);
        OciSpecValidator.Validate(process);
        WarnOfUnknown(process.Capabilities);
        CheckTerminal(process, options.ConsoleSocket, options.Detach);
        using FileDescriptor first = container.OpenProcess();
        LaunchedProcess launched = _launcher.Exec(new ExecRequest
        {
            Container = first,
            Spec = container.Spec,
            Process = process,
            Stdio = new ProcessStdio(new FileDescriptor(0, false), new FileDescriptor(1, false), new FileDescriptor(2, false)),
            Cgroup = container.Cgroup,

            // In a paused container it gets ready when that is resumed.
            Patience = options.IgnorePaused ? Timeout.InfiniteTimeSpan : Launcher.Patience,
            PreserveFds = options.PreserveFds,
            SeccompListener = Listener(container.Spec, id, container.Record.Bundle),
        });
        using (launched.PidFd)
        using (launched.Console)
        {
            SendConsole(options.ConsoleSocket, launched.Console);
            WritePidFile(options.PidFile, launched.Pid);
            if (options.Detach)
            {
                return 0;
            }

            using ForegroundProcess foreground = new();
            foreground.PassSignalsTo(launched.Pid);
            return foreground.Wait(launched.Pid, launched.PidFd, options.ConsoleSocket is null ? launched.Console : null);
        }
    }

    private static OciProcess Process(OciSpec spec, ExecOptions options)
    {
        if (options.ProcessFile is not null)
        {
            return ReadProcess(options.ProcessFile);
        }

        OciProcess own = spec.Process ?? throw QuiltException.Invalid("process", "the container has no process to take the rest from", "give --process");
        OciCapabilities capabilities = own.Capabilities ?? new OciCapabilities();
        if (options.Capabilities.Count > 0)
        {
            // Never inheritable: a program with file capabilities would gain them (CVE-2022-27650).
            capabilities = capabilities with
            {
                Bounding = [.. capabilities.Bounding.Union(options.Capabilities)],
                Permitted = [.. capabilities.Permitted.Union(options.Capabilities)],
                Effective = [.. capabilities.Effective.Union(options.Capabilities)],
            };
        }

        return own with
        {
            Args = options.Args,
            Env = [.. own.Env, .. options.Env],
            Cwd = options.Cwd ?? own.Cwd,
            User = (options.User is null ? own.User : ParseUser(options.User)) with { AdditionalGids = options.User is null && options.AdditionalGids.Count == 0 ? own.User.AdditionalGids : [.. options.AdditionalGids.Select(ParseGroup)] },
            Capabilities = capabilities,
            NoNewPrivileges = own.NoNewPrivileges || options.NoNewPrivileges,
            Terminal = options.Terminal,
            ApparmorProfile = options.ApparmorProfile ?? own.ApparmorProfile,
            SelinuxLabel = options.SelinuxLabel ?? own.SelinuxLabel,
        };
    }

    private static OciProcess ReadProcess(string path)
    {
        try
        {
            return OciReader.ReadProcess(Sys.TryReadFile(path) ?? throw QuiltException.Invalid("process", $"there is no {path}", "give a file with a process object"));
        }
        catch (JsonException)
        {
            throw QuiltException.Invalid("process", $"{path} is not a process configuration", "see 'process' in the OCI runtime spec, config.md");
        }
    }

    private static OciUser ParseUser(string text) =>
        OciUser.TryParse(text) ?? throw QuiltException.Invalid("user", $"user '{text}' is not UID or UID:GID", "give numbers");

    private static uint ParseGroup(string text) =>
        OciUser.TryParseId(text) ?? throw QuiltException.Invalid("additional-gids", $"group '{text}' is not a number", "give numbers");
}
