using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.OciRuntime.Systemd;

namespace Quilt.OciRuntime;

/// <summary>What <c>create</c> and <c>run</c> are asked for beside the configuration.</summary>
internal sealed record CreateOptions(string Bundle, string? PidFile, string? ConsoleSocket, int PreserveFds, bool NoPivot, bool NoNewKeyring);

internal sealed partial class Runtime
{
    /// <summary>Creates a container whose process waits for <see cref="Start"/>.</summary>
    internal void Create(string id, CreateOptions options)
    {
        string bundle = Path.GetFullPath(options.Bundle);
        SpecFile config = SpecFile.OfBundle(bundle);
        CheckTerminal(config.Spec.Process, options.ConsoleSocket, detached: true);
        Seal(config.Spec);
        bool begun = false;
        using Rollback rollback = new();
        rollback.OnFailure(() => EndLife(begun, id, bundle, config.Spec));
        Claim(id, rollback);
        using FileDescriptor listener = Sys.Listen(_store.StartSocket(id));
        using LaunchedContainer launched = Launch(id, bundle, config, options, false, listener, rollback, _ => begun = true);
        rollback.Commit();
    }

    /// <summary>Creates, starts and, unless detached, awaits a container and removes it. Returns its exit code.</summary>
    internal int Run(string id, CreateOptions options, bool detach, bool keep)
    {
        string bundle = Path.GetFullPath(options.Bundle);
        SpecFile config = SpecFile.OfBundle(bundle);
        OciSpec spec = config.Spec;
        CheckTerminal(spec.Process, options.ConsoleSocket, detach);
        Seal(spec);
        bool begun = false;
        using Rollback rollback = new();
        rollback.OnFailure(() => EndLife(begun, id, bundle, spec));
        Claim(id, rollback);
        using ForegroundProcess? foreground = detach ? null : new ForegroundProcess();
        OciHooks hooks = spec.Hooks ?? new OciHooks();
        using LaunchedContainer launched = Launch(id, bundle, config, options, hooks.StartContainer.Count == 0, null, rollback, pid =>
        {
            begun = true;
            foreground?.PassSignalsTo(pid);
        });
        OciContainer container = Open(_store.Load(id), spec);
        if (hooks.StartContainer.Count > 0)
        {
            RunStartHooks(hooks, container, launched.PidFd, spec.Linux ?? new OciLinux());
            launched.Start();
        }

        rollback.Commit();
        RunLeniently(hooks.Poststart, container, OciContainer.Running);
        if (foreground is null)
        {
            return 0;
        }

        int exitCode = foreground.Wait(launched.Pid, launched.PidFd, options.ConsoleSocket is null ? launched.Console : null);
        if (!keep)
        {
            Destroy(container);
            RunLeniently(hooks.Poststop, container, OciContainer.Stopped);
        }

        return exitCode;
    }

    private void Claim(string id, Rollback rollback)
    {
        _store.Claim(id);
        rollback.OnFailure(() => _store.Remove(id));
    }

    /// <summary>What is left of the life of one that was not made after all (runtime.md, 'Lifecycle'), when all is undone.</summary>
    /// <param name="begun">There was something to undo.</param>
    private void EndLife(bool begun, string id, string bundle, OciSpec spec)
    {
        if (begun)
        {
            RunLeniently(spec.Hooks?.Poststop ?? [], OciContainer.StateJson(spec, id, OciContainer.Stopped, 0, bundle));
        }
    }

    /// <summary>The container's group, and the scope of systemd's that it is made by, where that is asked for.</summary>
    private (ScopeName? Scope, string Path) GroupOf(string id, OciSpec spec)
    {
        string? asked = spec.Linux?.CgroupsPath;
        ScopeName? scope = _systemdCgroup ? ScopeName.Parse(asked, id) : null;
        return (scope, scope?.GroupPath ?? (string.IsNullOrEmpty(asked) ? $"quilt-oci-{id}" : asked));
    }

    private LaunchedContainer Launch(string id, string bundle, SpecFile config, CreateOptions options, bool start, FileDescriptor? listener, Rollback rollback, Action<int> cloned)
    {
        OciSpec spec = config.Spec;
        WarnOfUnknown(spec.Process?.Capabilities);
        (ScopeName? scope, string cgroupPath) = GroupOf(id, spec);
        ICgroup cgroup = Cgroups.Open(cgroupPath);
        if (cgroup.Processes().Count > 0)
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"cgroup '{cgroupPath}' is in use", "give another linux.cgroupsPath", "linux.cgroupsPath");
        }

        rollback.OnFailure(cgroup.Remove);
        OciLinux linux = spec.Linux ?? new OciLinux();
        OciHooks hooks = spec.Hooks ?? new OciHooks();
        LaunchedContainer launched = _launcher.Create(new LaunchRequest
        {
            Spec = spec.Process is null ? spec with { Process = new OciProcess { Cwd = "/" } } : spec,
            Bundle = bundle,
            Stdio = new ProcessStdio(new FileDescriptor(0, false), new FileDescriptor(1, false), new FileDescriptor(2, false)),
            Cgroup = cgroup,
            Adopt = scope is null ? null : pid =>
            {
                SystemdScope.Start(scope, id, pid, linux.Resources ?? new OciResources(), Cgroups.Mode);
                rollback.OnFailure(() => StopScope(scope.Unit));
            },
            Start = start,
            StartListener = listener,
            PreserveFds = options.PreserveFds,
            NoPivot = options.NoPivot,
            NewKeyring = !options.NoNewKeyring,
            SeccompListener = Listener(spec, id, bundle),
            Cloned = (pid, startTime) =>
            {
                _store.Prepare(new ContainerRecord(id, pid, startTime, bundle, cgroupPath, scope?.Unit, DateTimeOffset.UtcNow, Sys.UserId), config.Content);
                cloned(pid);
            },
            RootAssembled = hooks.Prestart.Count + hooks.CreateRuntime.Count + hooks.CreateContainer.Count == 0 ? null : pid => RunCreateHooks(id, pid, bundle, spec, hooks, linux),
        });
        rollback.OnFailure(() => Abandon(launched));
        SendConsole(options.ConsoleSocket, launched.Console);
        _store.Publish(id);
        WritePidFile(options.PidFile, launched.Pid);
        return launched;
    }

    private static void RunCreateHooks(string id, int pid, string bundle, OciSpec spec, OciHooks hooks, OciLinux linux)
    {
        byte[] state = OciContainer.StateJson(spec, id, "creating", pid, bundle);
        foreach (OciHook hook in hooks.Prestart.Concat(hooks.CreateRuntime))
        {
            Launcher.RunHook(hook, state, null, linux);
        }

        using FileDescriptor process = Sys.PidFdOpen(pid);
        foreach (OciHook hook in hooks.CreateContainer)
        {
            Launcher.RunHook(hook, state, process, linux);
        }
    }

    private static void Abandon(LaunchedContainer launched)
    {
        // Our own child, not yet reaped: the number is surely still its.
        Sys.Kill(launched.Pid, Signals.Kill);
        Sys.WaitId(launched.Pid, wait: true);
    }

    /// <summary>Before anything is done: this program begins anew.</summary>
    private static void Seal(OciSpec spec)
    {
        if (SealedProgram.IsNeededFor(spec.Linux ?? new OciLinux()))
        {
            SealedProgram.Enter();
        }
    }

    /// <param name="detached">Nobody stays to carry what the terminal's two sides say.</param>
    private static void CheckTerminal(OciProcess? process, string? consoleSocket, bool detached)
    {
        bool terminal = process?.Terminal == true, socket = !string.IsNullOrEmpty(consoleSocket);
        if (terminal && !socket && detached)
        {
            throw QuiltException.Invalid("console-socket", "the process wants a terminal and no console socket is given", "give --console-socket, or set process.terminal to false");
        }

        if (socket && !terminal)
        {
            throw QuiltException.Invalid("console-socket", "a console socket is given and the process wants no terminal", "set process.terminal to true, or leave --console-socket out");
        }
    }
}
