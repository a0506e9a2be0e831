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

    private static void CheckSpawn(int error, string program)
    {
        if (error != 0)
        {
            throw new SyscallException("posix_spawn", program, (Errno)error);
        }
    }
}
