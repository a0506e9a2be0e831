using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>What /proc/PID/stat tells (proc_pid_stat(5)).</summary>
/// <param name="State">One letter: R S D Z T t X I.</param>
/// <param name="Session">The pid of its session's leader, as the reader's /proc shows it.</param>
/// <param name="StartTime">Clock ticks since boot. With the pid it names a process for as long as the host is up.</param>
public readonly record struct ProcessStat(char State, int ParentPid, int Session, ulong StartTime)
{
    /// <returns>Null where there is no such process.</returns>
    /// <exception cref="SyscallException">It cannot be told, such as for want of descriptors: nobody is to take that for its end.</exception>
    public static ProcessStat? TryRead(int pid)
    {
        try
        {
            return Sys.TryReadFile($"/proc/{pid}/stat") is { } text ? TryParse(Encoding.UTF8.GetString(text)) : null;
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH)
        {
            return null; // it went while we read
        }
    }

    /// <summary>The command's name is in parentheses and may hold spaces and parentheses itself: the last one ends it.</summary>
    public static ProcessStat? TryParse(string text)
    {
        int end = text.LastIndexOf(')');
        if (end < 0)
        {
            return null;
        }

        string[] fields = text[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int state = 0, parent = 1, session = 3, startTime = 19;
        return fields.Length > startTime
            && int.TryParse(fields[parent], CultureInfo.InvariantCulture, out int parentPid)
            && int.TryParse(fields[session], CultureInfo.InvariantCulture, out int sessionId)
            && ulong.TryParse(fields[startTime], CultureInfo.InvariantCulture, out ulong ticks)
            ? new ProcessStat(fields[state][0], parentPid, sessionId, ticks)
            : null;
    }

    /// <summary>Whether this very process runs: a zombie or another process under the same number does not count.</summary>
    public static bool IsAlive(int pid, ulong startTime) =>
        TryRead(pid) is { } stat && stat.StartTime == startTime && stat.State is not ('Z' or 'X');
}
