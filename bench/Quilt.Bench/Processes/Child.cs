using System.Collections;
using System.Runtime.InteropServices;

namespace Quilt.Bench.Processes;

/// <summary>A program that we started, known by its pid until it is reaped.</summary>
internal readonly record struct Child(int Pid)
{
    private const int NoHang = 1, Interrupted = 4;

    private static readonly string?[] OwnEnvironment =
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}"), null];

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Gets standard output.</param>
    /// <param name="complaints">Gets standard error.</param>
    /// <param name="session">Whether it gets a session of its own, so that the terminal's interrupt is left to us to pass on.</param>
    /// <exception cref="BenchException">It could not be started.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html"/>
    public static unsafe Child Start(string program, IReadOnlyList<string> arguments, string output, string complaints, bool session = false)
    {
        // posix_spawn_file_actions_t is 80 bytes with glibc, posix_spawnattr_t 336.
        const int actionsSize = 128, attributesSize = 512, readOnly = 0, writeFromStart = 0x241, ownerOnly = 0x180;
        const short newSession = 0x80;
        byte* actions = stackalloc byte[actionsSize];
        byte* attributes = stackalloc byte[attributesSize];
        Check(program, LibC.posix_spawnattr_init(attributes));
        Check(program, LibC.posix_spawnattr_setflags(attributes, session ? newSession : (short)0));
        Check(program, LibC.posix_spawn_file_actions_init(actions));
        Check(program, LibC.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", readOnly, 0));
        Check(program, LibC.posix_spawn_file_actions_addopen(actions, 1, output, writeFromStart, ownerOnly));
        Check(program, LibC.posix_spawn_file_actions_addopen(actions, 2, complaints, writeFromStart, ownerOnly));
        int pid;
        int error = LibC.posix_spawnp(&pid, program, actions, attributes, [program, .. arguments, null], OwnEnvironment);
        _ = LibC.posix_spawn_file_actions_destroy(actions);
        Check(program, error);
        return new Child(pid);
    }

    /// <summary>Blocks until it ends.</summary>
    /// <returns>The wait status.</returns>
    public int Wait() => Reap(0)!.Value;

    /// <summary>Null while it runs.</summary>
    public int? TryReap() => Reap(NoHang);

    private unsafe int? Reap(int options)
    {
        int status, pid;
        while ((pid = LibC.waitpid(Pid, &status, options)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new BenchException($"waitpid({Pid}): errno {Marshal.GetLastPInvokeError()}");
            }
        }

        return pid == 0 ? null : status;
    }

    private static void Check(string program, int error)
    {
        if (error != 0)
        {
            throw new BenchException($"'{program}' could not be started: errno {error}");
        }
    }
}
