namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Starts a program in a session of its own, with our three standard descriptors and no signal blocked or ignored by us alone.</summary>
    /// <returns>Its pid; a child of ours, to be reaped.</returns>
    /// <seealso href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html"/>
    public static int SpawnInNewSession(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        const int attributesSize = 512; // posix_spawnattr_t is 336 bytes with glibc
        const short newSession = 0x80;
        byte* attributes = stackalloc byte[attributesSize];
        new Span<byte>(attributes, attributesSize).Clear();
        CheckSpawn(LibC.posix_spawnattr_init(attributes), program);
        try
        {
            CheckSpawn(LibC.posix_spawnattr_setflags(attributes, newSession), program);
            int pid;
            CheckSpawn(LibC.posix_spawn(&pid, program, null, attributes, [program, .. arguments, null], [.. environment, null]), program);
            return pid;
        }
        finally
        {
            _ = LibC.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Becomes another program, with this process's environment; returns the reason where it could not.</summary>
    /// <param name="arguments">Each ended by a zero byte, the first being the program's name, as in /proc/PID/cmdline.</param>
    public static SyscallException Execute(string program, ReadOnlySpan<byte> arguments)
    {
        int count = arguments.Count((byte)0);
        fixed (byte* text = arguments)
        {
            byte** array = stackalloc byte*[count + 1];
            byte* next = text;
            for (int i = 0; i < count; i++)
            {
                array[i] = next;
                next += new ReadOnlySpan<byte>(next, arguments.Length - (int)(next - text)).IndexOf((byte)0) + 1;
            }

            array[count] = null;
            _ = LibC.execv(program, array);
            return SyscallException.Last("execve", program);
        }
    }

    /// <summary>
    /// Becomes another program; returns the reason where it could not. SIGPIPE, which the runtime ignores in every program of ours,
    /// ends that one as it would had a shell started it.
    /// </summary>
    /// <param name="arguments">The first is the program's name.</param>
    /// <param name="environment">All of it, as NAME=VALUE.</param>
    public static SyscallException Execute(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        const nint asUsual = 0; // SIG_DFL
        nint before = LibC.signal(Signals.Pipe, asUsual);
        _ = LibC.execve(program, [.. arguments, null], [.. environment, null]);
        SyscallException failure = SyscallException.Last("execve", program);
        _ = LibC.signal(Signals.Pipe, before);
        return failure;
    }

    private static void CheckSpawn(int error, string program)
    {
        if (error != 0)
        {
            throw new SyscallException("posix_spawn", program, (Errno)error);
        }
    }
}
