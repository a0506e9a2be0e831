using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Launch.Parent;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;

namespace Quilt.Launch;

/// <summary>
/// Launches containers and processes in them, as children of the calling thread's process. Not for a program with a
/// just-in-time compiler: the code between clone and exec has to be compiled before.
/// </summary>
/// <param name="seccomp">Filters that are compiled already.</param>
/// <param name="emptyMounts">
/// A mount namespace with nothing in it but a root that nobody can use, for containers to begin in. The thread that makes this object is
/// then the only one to launch them, and has a working folder of its own when it has. Null: they begin in a copy of ours, and leave it.
/// </param>
public sealed unsafe partial class Launcher(SeccompCache seccomp, FileDescriptor? emptyMounts = null)
{
    private readonly SeccompCache _seccomp = seccomp;
    private readonly ClearGround? _clearGround = emptyMounts is null ? null : new ClearGround(emptyMounts);

    /// <summary>
    /// How long a process that joins a container, or executes its command, may keep silent. Those inside can stop it by a
    /// signal the moment it is among them; who launches is not to be held up by that.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Takes the child's words until it is <paramref name="awaited"/>; null stands for 'it executed the command'.
    /// </summary>
    private static FileDescriptor? Await(ControlChannel control, ControlKind? awaited, Func<int, string> describeStep, Action? rootAssembled, Action<FileDescriptor>? listener, TimeSpan patience)
    {
        FileDescriptor? console = null;
        try
        {
            while (true)
            {
                ControlMessage? message = control.Receive(patience, out FileDescriptor? fd);
                switch (message?.Kind)
                {
                    case null when awaited is null:
                        return console;
                    case null:
                        throw new LaunchException(LaunchStage.ReceivePlan, Errno.EPIPE, "the container's first process ended while it was being set up");
                    case ControlKind.Failed:
                        throw Failure(message.Value, describeStep);
                    case ControlKind.Console:
                        console = fd;
                        break;
                    case ControlKind.SeccompListener:
                        using (fd)
                        {
                            listener?.Invoke(fd!);
                        }

                        break;
                    case ControlKind.RootAssembled:
                        rootAssembled?.Invoke();
                        control.Proceed([]);
                        break;
                }

                if (message?.Kind == awaited)
                {
                    return console;
                }
            }
        }
        catch
        {
            console?.Dispose();
            throw;
        }
    }

    internal static LaunchException Failure(ControlMessage message, Func<int, string> describeStep)
    {
        string detail = message.Stage switch
        {
            LaunchStage.SetupStep => describeStep(message.Value),
            LaunchStage.Exec => "execute the command",
            LaunchStage.WorkingDirectory => "enter the working directory",
            _ => LaunchException.StageName(message.Stage).Replace('_', ' '),
        };
        return new LaunchException(message.Stage, (Errno)message.Errno, detail);
    }

    private SeccompProgram? Filter(string? compiled, OciLinux linux) => compiled is not null ? _seccomp.Load(compiled) : _seccomp.Get(linux);

    /// <summary>Ends a child that shall not live, and reaps it.</summary>
    internal static void Destroy(int pid, FileDescriptor pidFd)
    {
        Sys.PidFdSendSignal(pidFd, 9);
        Sys.WaitId(pid, wait: true);
        pidFd.Dispose();
    }
}
