using System.Globalization;
using System.Text;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.OciRuntime.Systemd;
using Quilt.Seccomp;

namespace Quilt.OciRuntime;

/// <summary>The operations of the runtime spec on containers below one root folder.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md"/>
internal sealed partial class Runtime
{
    private readonly bool _systemdCgroup;
    private readonly Action<string> _warn;
    private readonly StateStore _store;
    private readonly Launcher _launcher;

    internal Runtime(string root, bool systemdCgroup, Action<string> warn)
    {
        (_systemdCgroup, _warn) = (systemdCgroup, warn);
        _store = new StateStore(root);
        _launcher = new Launcher(new SeccompCache(new SeccompStore(_store.SeccompFolder, OwnProgram.Identity)));
    }

    /// <summary>Looked up when the first container's group is.</summary>
    private CgroupHost Cgroups => field ??= CgroupHost.OfThisMachine();

    internal OciContainer Open(string id) => Open(_store.Load(id));

    /// <param name="spec">Its configuration, where it is at hand; null reads it when it is asked for.</param>
    private OciContainer Open(ContainerRecord record, OciSpec? spec = null) => new(_store, record, Cgroups.Open(record.CgroupPath), spec);

    internal IEnumerable<ContainerRow> List() => _store.All(e => _warn($"{e.Message}; {e.Remedy}")).Select(r => Open(r))
        .Select(c => new ContainerRow(c.Record.Id, c.IsAlive ? c.Record.Pid : 0, c.Status, c.Record.Bundle, c.Record.CreatedAt, UserNames.Of(c.Record.OwnerUid)));

    internal void Start(string id)
    {
        OciContainer container = Open(id);
        container.Require("start", OciContainer.Created);
        if (container.Spec.Process is null)
        {
            // What was created has nothing to do (runtime.md, 'Start').
            using FileDescriptor waiting = container.OpenProcess();
            Sys.PidFdSendSignal(waiting, Signals.Kill);
            throw QuiltException.Invalid("process", "the configuration has no process to start", "give process in config.json and create the container anew");
        }

        OciHooks hooks = container.Spec.Hooks ?? new OciHooks();
        OciLinux linux = container.Spec.Linux ?? new OciLinux();
        using (FileDescriptor process = container.OpenProcess())
        {
            try
            {
                RunStartHooks(hooks, container, process, linux);
            }
            catch
            {
                // It ends here, by the rest of its life (runtime.md, 'Lifecycle').
                Destroy(container);
                RunLeniently(hooks.Poststop, container, OciContainer.Stopped);
                throw;
            }
        }

        string socket = _store.StartSocket(id);
        try
        {
            Action<int, FileDescriptor> listener = Listener(container.Spec, id, container.Record.Bundle);
            StartSocket.Start(socket, fd => listener(container.Record.Pid, fd));
        }
        finally
        {
            Sys.RemoveFile(socket);
        }

        RunLeniently(hooks.Poststart, container, OciContainer.Running);
    }

    internal void Kill(string id, string signal, bool all)
    {
        if (!Signals.TryParse(signal, out int number))
        {
            throw QuiltException.Invalid("signal", $"signal '{signal}' is unknown", "give a number from 1 to 64 or a name such as TERM");
        }

        OciContainer container = Open(id);
        if (all)
        {
            if (number == Signals.Kill)
            {
                container.Cgroup.KillAll();
                return;
            }

            foreach (int pid in container.Cgroup.Processes())
            {
                Sys.Kill(pid, number);
            }

            return;
        }

        container.Require("signal", OciContainer.Created, OciContainer.Running, OciContainer.Paused);
        using FileDescriptor process = container.OpenProcess();
        Sys.PidFdSendSignal(process, number);
        if (number == Signals.Kill)
        {
            LetEnd(container);
        }
    }

    /// <summary>With v1, a paused process takes even SIGKILL only when it goes on.</summary>
    private void LetEnd(OciContainer container)
    {
        if (Cgroups.Mode != CgroupMode.V2 && container.Cgroup.IsFrozen)
        {
            container.Cgroup.SetFrozen(false);
        }
    }

    internal void Delete(string id, bool force)
    {
        if (force && !_store.IsWhole(id))
        {
            DestroyRemains(id);
            return;
        }

        OciContainer container = Open(id);
        if (!force)
        {
            container.Require("delete", OciContainer.Stopped);
        }

        // Read before it is gone; an interrupted create may have left none.
        OciHooks hooks = (force && !Sys.Exists(_store.Config(id)) ? null : container.Spec.Hooks) ?? new OciHooks();
        Destroy(container);
        RunLeniently(hooks.Poststop, container, OciContainer.Stopped);
    }

    /// <summary>What an interrupted create has left, or one whose record is damaged.</summary>
    private void DestroyRemains(string id)
    {
        ContainerRecord? prepared = null;
        OciSpec? spec = null;
        try
        {
            prepared = _store.TryLoadPrepared(id);
            spec = Sys.Exists(_store.Config(id)) ? SpecFile.Read(_store.Config(id)).Spec : null;
        }
        catch (QuiltException e)
        {
            _warn(e.Message);
        }

        if (prepared is not null)
        {
            Destroy(Open(prepared, spec));
            return;
        }

        if (spec is not null)
        {
            // Whoever its process was is in its group, alone.
            (ScopeName? scope, string path) = GroupOf(id, spec);
            DestroyGroup(Cgroups.Open(path), scope?.Unit);
        }

        _store.Remove(id);
    }

    private void Destroy(OciContainer container)
    {
        if (container.TryOpenProcess() is { } process)
        {
            using FileDescriptor owned = process;
            Sys.PidFdSendSignal(process, Signals.Kill);
            LetEnd(container);
            Sys.WaitReadable(process, TimeSpan.FromSeconds(10));
        }

        DestroyGroup(container.Cgroup, container.Record.Scope);
        _store.Remove(container.Record.Id);
    }

    private void DestroyGroup(ICgroup group, string? scope)
    {
        // Without a pid namespace of its own, its processes outlive the first.
        if (group.Processes().Count > 0)
        {
            group.KillAll();
        }

        if (scope is not null)
        {
            StopScope(scope);
        }

        group.Remove();
    }

    internal void SetFrozen(string id, bool frozen)
    {
        OciContainer container = Open(id);
        if (frozen)
        {
            container.Require("pause", OciContainer.Running, OciContainer.Created);
        }
        else
        {
            container.Require("resume", OciContainer.Paused);
        }

        container.Cgroup.SetFrozen(frozen);
    }

    internal void Update(string id, OciResources resources)
    {
        OciContainer container = Open(id);
        container.Require("update", OciContainer.Created, OciContainer.Running, OciContainer.Paused);
        Action undo = Change(container.Cgroup, resources);
        if (container.Record.Scope is { } scope)
        {
            try
            {
                SystemdScope.Set(scope, resources, Cgroups.Mode, container.Cgroup);

                // What systemd writes into the files is coarser than what we do.
                _ = Change(container.Cgroup, resources);
            }
            catch
            {
                undo();
                throw;
            }
        }
    }

    private static Action Change(ICgroup group, OciResources resources)
    {
        try
        {
            return group.Change(resources);
        }
        catch (LimitRefusedException e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the kernel does not take a limit, and none is changed: {e.Message}", "give another value, or leave it out", "resources", e);
        }
    }

    /// <summary>
    /// Lets systemd forget a container's scope. Its processes have ended, with which it goes anyway: that systemd does not answer
    /// keeps nothing from being removed.
    /// </summary>
    private void StopScope(string unit)
    {
        try
        {
            SystemdScope.Stop(unit);
        }
        catch (QuiltException e)
        {
            _warn($"{unit}: {e.Message}");
        }
    }

    private static void RunStartHooks(OciHooks hooks, OciContainer container, FileDescriptor process, OciLinux linux)
    {
        foreach (OciHook hook in hooks.StartContainer)
        {
            Launcher.RunHook(hook, container.StateJson(OciContainer.Created), process, linux);
        }
    }

    private void RunLeniently(IReadOnlyList<OciHook> hooks, OciContainer container, string status)
    {
        if (hooks.Count > 0)
        {
            RunLeniently(hooks, container.StateJson(status));
        }
    }

    private void RunLeniently(IReadOnlyList<OciHook> hooks, byte[] state)
    {
        foreach (OciHook hook in hooks)
        {
            try
            {
                Launcher.RunHook(hook, state, null, new OciLinux());
            }
            catch (LaunchException e)
            {
                _warn($"hook {hook.Path}: {e.Message}");
            }
        }
    }

    /// <summary>Hands a notifying filter's listener to the agent that the configuration names (config-linux.md, 'The Container Process State').</summary>
    private static Action<int, FileDescriptor> Listener(OciSpec spec, string id, string bundle) => (pid, fd) =>
    {
        OciSeccomp policy = spec.Linux!.Seccomp!;
        string path = policy.ListenerPath
            ?? throw QuiltException.Invalid("linux.seccomp.listenerPath", "the policy notifies and names no agent", "give linux.seccomp.listenerPath");
        using FileDescriptor socket = Sys.Connect(path, stream: true);
        Sys.SendWithFds(socket, SeccompState.ToJson(spec, id, pid, bundle), [fd.Number]);
    };

    private void WarnOfUnknown(OciCapabilities? capabilities)
    {
        if (capabilities is null)
        {
            return;
        }

        IEnumerable<string> asked = capabilities.Bounding.Concat(capabilities.Permitted).Concat(capabilities.Effective).Concat(capabilities.Inheritable).Concat(capabilities.Ambient);
        foreach (string unknown in asked.Where(name => !Capabilities.IsKnown(name)).Distinct())
        {
            _warn($"process.capabilities: this kernel has no '{Core.Text.Printable(unknown)}', which is left out");
        }
    }

    private static void WritePidFile(string? path, int pid)
    {
        if (!string.IsNullOrEmpty(path))
        {
            using FileDescriptor file = Sys.Open(path, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Truncate, 0x1A4);
            Sys.WriteAll(file, Encoding.UTF8.GetBytes(pid.ToString(CultureInfo.InvariantCulture)), path);
        }
    }

    private static void SendConsole(string? socketPath, FileDescriptor? console)
    {
        if (console is null || string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        using FileDescriptor socket = Sys.Connect(Path.GetFullPath(socketPath), stream: true);
        Sys.SendWithFds(socket, "/dev/ptmx"u8, [console.Number]);
    }
}
