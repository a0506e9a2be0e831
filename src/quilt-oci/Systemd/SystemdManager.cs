using Quilt.Core;
using Quilt.Linux;
using Quilt.OciRuntime.Systemd.DBus;

namespace Quilt.OciRuntime.Systemd;

/// <summary>A connection to this machine's systemd, for units that exist in its memory alone.</summary>
/// <seealso href="https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html"/>
internal sealed class SystemdManager : IDisposable
{
    /// <summary>systemd's own socket, for root and without a bus between; and the bus.</summary>
    private const string PrivateSocket = "/run/systemd/private", BusSocket = "/run/dbus/system_bus_socket";
    private const string Service = "org.freedesktop.systemd1", ManagerPath = "/org/freedesktop/systemd1", ManagerInterface = "org.freedesktop.systemd1.Manager";
    private const string Bus = "org.freedesktop.DBus", BusPath = "/org/freedesktop/DBus";

    private readonly DBusConnection _connection;

    /// <summary>systemd's name on the bus, which no other can have; null without a bus, where nobody else is.</summary>
    private string? _systemd;

    private SystemdManager(DBusConnection connection) => _connection = connection;

    /// <param name="patience">For everything that is done with it.</param>
    /// <exception cref="QuiltException">Nothing answers as systemd does.</exception>
    internal static SystemdManager Connect(TimeSpan patience) =>
        TryConnect(PrivateSocket, isBus: false, patience) ?? TryConnect(BusSocket, isBus: true, patience) ?? throw new QuiltException(
            ErrorCode.Unavailable, $"systemd answers neither at {PrivateSocket} nor at {BusSocket}",
            "leave --systemd-cgroup out (an engine's cgroup driver is then 'cgroupfs'), or run where systemd is the init", "systemd-cgroup");

    private static SystemdManager? TryConnect(string socket, bool isBus, TimeSpan patience)
    {
        SystemdManager? manager = null;
        try
        {
            manager = new SystemdManager(DBusConnection.Open(socket, patience));
            manager.Listen(isBus);
            return manager;
        }
        catch (Exception e) when (e is SyscallException or DBusException)
        {
            manager?.Dispose();
            return null;
        }
    }

    /// <summary>Makes systemd tell of its jobs. A bus may be there without systemd, which this shows.</summary>
    private void Listen(bool isBus)
    {
        if (isBus)
        {
            _connection.Call(Bus, BusPath, Bus, "Hello", "", _ => { });
            _connection.Call(Bus, BusPath, Bus, "AddMatch", "s", body => body.Text($"type='signal',sender='{Service}',path='{ManagerPath}',interface='{ManagerInterface}',member='JobRemoved'"));
        }

        Message answer = Call("Subscribe", "", _ => { });
        _systemd = isBus ? answer.Sender : null;
    }

    /// <summary>Makes a unit and starts it; returns when that is done.</summary>
    internal void StartTransient(string unit, IReadOnlyList<(string Name, PropertyValue Value)> properties) =>
        AwaitJob(unit, Call("StartTransientUnit", "ssa(sv)a(sa(sv))", body =>
        {
            body.Text(unit);
            body.Text("fail");
            Write(body, properties);

            // No further units with it.
            body.Array<string>(8, [], _ => { });
        }));

    /// <summary>Stops a unit and forgets that it failed, if it did; returns when that is done. One that is gone is none the worse.</summary>
    internal void Stop(string unit)
    {
        try
        {
            AwaitJob(unit, Call("StopUnit", "ss", body =>
            {
                body.Text(unit);
                body.Text("replace");
            }));
            Call("ResetFailedUnit", "s", body => body.Text(unit));
        }
        catch (DBusException e) when (e.Name == "org.freedesktop.systemd1.NoSuchUnit")
        {
            // It ends with its last process.
        }
    }

    /// <summary>Changes a unit as it is now, not its configuration.</summary>
    internal void Set(string unit, IReadOnlyList<(string Name, PropertyValue Value)> properties) => Call("SetUnitProperties", "sba(sv)", body =>
    {
        body.Text(unit);
        body.Flag(true);
        Write(body, properties);
    });

    /// <param name="answer">A call's, with the job that systemd does for it.</param>
    private void AwaitJob(string unit, Message answer)
    {
        string job = new MessageReader(answer.Body).Text();
        while (true)
        {
            Message signal = _connection.NextSignal();
            if (signal.Member != "JobRemoved" || (_systemd is not null && signal.Sender != _systemd))
            {
                continue;
            }

            // Its number, its name, the unit's, the result.
            MessageReader body = new(signal.Body);
            body.UInt32();
            bool awaited = body.Text() == job;
            body.Text();
            string result = body.Text();
            if (awaited && result != "done")
            {
                throw new QuiltException(ErrorCode.Aborted, $"systemd's job for {unit} ended as '{result}'", $"'journalctl -u {unit}' tells why");
            }

            if (awaited)
            {
                return;
            }
        }
    }

    private Message Call(string method, string signature, Action<MessageWriter> write) => _connection.Call(Service, ManagerPath, ManagerInterface, method, signature, write);

    private static void Write(MessageWriter body, IReadOnlyList<(string Name, PropertyValue Value)> properties) => body.Array(8, properties, property =>
    {
        body.Text(property.Name);
        body.Variant(property.Value);
    });

    public void Dispose() => _connection.Dispose();
}
