using System.Globalization;
using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>
/// Starts shims for the daemon, which must not fork, in a mount namespace with few mounts. Each line <c>spawn</c> on stdin
/// makes one; its line on stdout is <c>PID SOCKET</c>, once it listens. Goes when stdin closes.
/// </summary>
internal sealed class Spawner(string runDir, FileDescriptor? emptyMounts)
{
    private readonly string _folder = Path.Combine(runDir, "shims");
    private readonly string _program = Environment.ProcessPath ?? throw new InvalidOperationException("/proc is not mounted");

    internal void Run()
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using EventLoop loop = new();
        using FileDescriptor input = new(0, ownsHandle: false);
        bool ended = false;
        ByteQueue commands = new();
        Sys.SetNonBlocking(input);
        loop.Watch(input, EventKind.Readable, _ => ended |= !Take(loop, input, commands));
        loop.Run(() => ended);
    }

    private bool Take(EventLoop loop, FileDescriptor input, ByteQueue commands)
    {
        int count = Sys.TryRead(input, commands.Reserve(4096));
        commands.Commit(Math.Max(0, count));
        while (commands.Content.Span.IndexOf((byte)'\n') is >= 0 and int end)
        {
            bool known = commands.Content.Span[..end].SequenceEqual("spawn"u8);
            commands.Skip(end + 1);
            Say(known ? Spawn(loop) : "error unknown command");
        }

        return count != 0;
    }

    private string Spawn(EventLoop loop)
    {
        // Not by System.Security.Cryptography: it loads OpenSSL, and with that a second libc into a program that has its own linked in.
        string socket = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".sock");
        (FileDescriptor ready, FileDescriptor childs) = Sys.Pipe();
        using (ready)
        {
            int pid;
            using (childs)
            {
                // The child opens them anew through our descriptor table: inherited are only 0, 1 and 2.
                string[] empty = emptyMounts is null ? [] : ["--empty-mounts", Own(emptyMounts)];
                pid = Sys.SpawnInNewSession(_program, ["--socket", socket, "--ready", Own(childs), .. empty], []);
                Sys.WaitReadable(ready, TimeSpan.FromSeconds(10));
            }

            ReapWhenEnded(loop, pid);
            return File.Exists(socket) ? string.Create(CultureInfo.InvariantCulture, $"{pid} {socket}") : "error the shim did not begin to listen";
        }
    }

    private static string Own(FileDescriptor file) => $"/proc/{Environment.ProcessId}/fd/{file.Number}";

    private static void ReapWhenEnded(EventLoop loop, int pid)
    {
        FileDescriptor process = Sys.PidFdOpen(pid);
        FileWatch? watch = null;
        watch = loop.Watch(process, EventKind.Readable, _ =>
        {
            Sys.WaitId(pid, wait: true);
            watch!.Dispose();
            process.Dispose();
        });
    }

    private static void Say(string line)
    {
        using FileDescriptor output = new(1, ownsHandle: false);
        try
        {
            Sys.WriteAll(output, System.Text.Encoding.UTF8.GetBytes(line + "\n"), "stdout");
        }
        catch (SyscallException e) when (e.Errno == Errno.EPIPE)
        {
            // The daemon has died: so does stdin, and the shim that nobody knows of goes by itself.
        }
    }
}
