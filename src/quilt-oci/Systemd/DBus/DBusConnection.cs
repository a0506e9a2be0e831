using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>
/// A connection by which one thread calls and waits. The protocol's smallest part: what a library brings for the rest, with
/// threads of its own, would be a seventh of the program.
/// </summary>
/// <seealso href="https://dbus.freedesktop.org/doc/dbus-specification.html"/>
internal sealed class DBusConnection : IDisposable
{
    private const string Subject = "D-Bus socket";
    private readonly FileDescriptor _socket;
    private readonly long _deadline;
    private readonly Queue<Message> _signals = [];
    private uint _serial;

    private DBusConnection(FileDescriptor socket, TimeSpan patience) => (_socket, _deadline) = (socket, Environment.TickCount64 + (long)patience.TotalMilliseconds);

    /// <param name="patience">For everything that is done with it.</param>
    /// <exception cref="SyscallException">Nobody listens, or not to us.</exception>
    /// <exception cref="DBusException">It does not know us.</exception>
    internal static DBusConnection Open(string path, TimeSpan patience)
    {
        DBusConnection connection = new(Sys.Connect(path, stream: true), patience);
        try
        {
            connection.Authenticate();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// By our user id, which the kernel tells the other side too. All at once: systemd leaves a call lying that it reads together
    /// with BEGIN (seen with 252), so there is none before its answer.
    /// </summary>
    private void Authenticate()
    {
        string user = Convert.ToHexString(Encoding.ASCII.GetBytes(Sys.UserId.ToString(CultureInfo.InvariantCulture)));
        Send(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {user}\r\nBEGIN\r\n"));
        StringBuilder line = new();
        while (line.Length < 2 || line[^1] != '\n')
        {
            line.Append((char)Receive(1)[0]);
        }

        if (!line.ToString().StartsWith("OK ", StringComparison.Ordinal))
        {
            throw new DBusException(null, "it does not take us for who we are");
        }
    }

    /// <summary>Calls a method and returns its answer; signals that come before it are kept.</summary>
    /// <exception cref="DBusException">It was answered with an error.</exception>
    internal Message Call(string destination, string path, string @interface, string member, string signature, Action<MessageWriter> write)
    {
        MessageWriter body = new();
        write(body);
        uint serial = ++_serial;
        Send(Message.Call(serial, destination, path, @interface, member, signature, body.ToArray()));
        while (true)
        {
            Message message = Receive();
            if (message.Kind == MessageKind.Signal)
            {
                _signals.Enqueue(message);
            }
            else if (message.AnswerTo == serial)
            {
                return message.Kind == MessageKind.Answer ? message : throw new DBusException(message.ErrorName ?? "", new MessageReader(message.Body) is { IsAtEnd: false } text ? text.Text() : "no reason given");
            }
        }
    }

    /// <summary>The next signal; awaits one.</summary>
    internal Message NextSignal()
    {
        Message? signal;
        while (!_signals.TryDequeue(out signal))
        {
            if (Receive() is { Kind: MessageKind.Signal } received)
            {
                return received;
            }
        }

        return signal;
    }

    private Message Receive()
    {
        byte[] prefix = Receive(Message.PrefixLength);
        return Message.Parse(prefix, Receive(Message.LengthOfRest(prefix)));
    }

    private byte[] Receive(int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            if (!Sys.WaitReadable(_socket, TimeSpan.FromMilliseconds(Math.Max(0, _deadline - Environment.TickCount64))))
            {
                throw new TimeoutException();
            }

            int count = Sys.Read(_socket, bytes.AsSpan(received), Subject);
            received += count > 0 ? count : throw new DBusException(null, "it was closed by the other side");
        }

        return bytes;
    }

    private void Send(ReadOnlySpan<byte> bytes) => Sys.SendWithFds(_socket, bytes, []);

    public void Dispose() => _socket.Dispose();
}
