using System.ComponentModel;
using System.Diagnostics;

namespace Quilt.Linux;

/// <summary>Programs of the host's that read what strangers wrote: as nobody, with no capability and no way to one, in bounds, without a shell and with our environment alone.</summary>
public static class UnprivilegedProgram
{
    /// <summary>The user and group, where this process may choose.</summary>
    public const uint Nobody = 65534;

    /// <summary>Not started yet; all three standard streams are pipes.</summary>
    /// <param name="bounds">Options of prlimit(1), such as <c>--as=BYTES</c>.</param>
    /// <param name="endsWithThread">
    /// Where we may choose the user: it ends, with all that it has started, when the thread ends that starts it, however that ends
    /// (prctl(2), PR_SET_PDEATHSIG). For programs that would not see by their streams that nobody waits for them any more.
    /// </param>
    public static ProcessStartInfo Describe(IEnumerable<string> bounds, IEnumerable<string> command, bool endsWithThread = false)
    {
        List<string> all = ["prlimit", .. bounds, "--"];
        if (Environment.IsPrivilegedProcess)
        {
            if (endsWithThread)
            {
                // The signal reaches a child alone; but with the first process of a pid namespace end all in it.
                all.AddRange(["setpriv", "--pdeathsig=KILL", "--", "unshare", "--pid", "--fork", "--"]);
            }

            all.AddRange(["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]);
            all.AddRange(endsWithThread ? ["--pdeathsig=KILL", "--"] : ["--"]);
        }

        all.AddRange(command);
        ProcessStartInfo start = new(all[0], all[1..]) { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    /// <summary>Null where the host has no prlimit (util-linux). What else it lacks, the program's exit status tells: 127.</summary>
    public static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
