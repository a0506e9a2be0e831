using System.Text.Json;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>What <c>exec</c> is asked for; what is null comes from the container's own process.</summary>
internal sealed record ExecOptions(
    string? ProcessFile, IReadOnlyList<string> Args, IReadOnlyList<string> Env, string? Cwd, string? User, IReadOnlyList<string> Capabilities,
    bool NoNewPrivileges, bool Terminal, string? PidFile, string? ConsoleSocket, bool Detach, int PreserveFds);

internal sealed partial class Runtime
{
    internal int Exec(string id, ExecOptions options)
    {
        OciContainer container = Open(id);
        container.Require("execute in", OciContainer.Running);
        OciProcess process = Process(container.Spec, options);
        OciSpecValidator.Validate(process);
        CheckTerminal(container.Spec with { Process = process }, options.ConsoleSocket);
        using FileDescriptor first = container.OpenProcess();
        LaunchedProcess launched = _launcher.Exec(new ExecRequest
        {
            Container = first,
            Spec = container.Spec,
            Process = process,
            Stdio = new ProcessStdio(new FileDescriptor(0, false), new FileDescriptor(1, false), new FileDescriptor(2, false)),
            Cgroup = container.Cgroup,
            PreserveFds = options.PreserveFds,
            SeccompListener = Listener(container.Spec, id),
        });
        using (launched.PidFd)
        using (launched.Console)
        {
            SendConsole(options.ConsoleSocket, launched.Console);
            WritePidFile(options.PidFile, launched.Pid);
            return options.Detach ? 0 : ForegroundProcess.Wait(launched.Pid, launched.PidFd);
        }
    }

    private static OciProcess Process(OciSpec spec, ExecOptions options)
    {
        if (options.ProcessFile is not null)
        {
            return ReadProcess(options.ProcessFile);
        }

        OciProcess own = spec.Process!;
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
            User = options.User is null ? own.User : ParseUser(options.User),
            Capabilities = capabilities,
            NoNewPrivileges = own.NoNewPrivileges || options.NoNewPrivileges,
            Terminal = options.Terminal,
        };
    }

    private static OciProcess ReadProcess(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), OciJson.Default.OciProcess)
                ?? throw QuiltException.Invalid("process", $"{path} is null", "give a process object");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw QuiltException.Invalid("process", $"{path} is not a process configuration", "see 'process' in the OCI runtime spec, config.md");
        }
    }

    /// <summary>UID[:GID], digits alone: a name would have to be looked up in a file that the container controls (CVE-2026-30892).</summary>
    private static OciUser ParseUser(string text)
    {
        string[] parts = text.Split(':');
        uint gid = 0;
        return parts.Length <= 2 && TryId(parts[0], out uint uid) && (parts.Length == 1 || TryId(parts[1], out gid))
            ? new OciUser(uid, gid)
            : throw QuiltException.Invalid("user", $"user '{text}' is not UID or UID:GID", "give numbers");

        static bool TryId(string part, out uint id) =>
            uint.TryParse(part, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out id) && id != uint.MaxValue;
    }
}
