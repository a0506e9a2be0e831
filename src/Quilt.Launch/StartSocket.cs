using Quilt.Launch.Parent;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>Orders a container to start that another process, gone since, has created.</summary>
public static class StartSocket
{
    /// <summary>Returns when execve has succeeded.</summary>
    /// <exception cref="LaunchException">It did not, or the container has ended meanwhile.</exception>
    public static void Start(string path, Action<FileDescriptor>? seccompListener)
    {
        using ControlChannel control = new(Sys.Connect(path));
        control.Start();
        Launcher.AwaitExecution(control, seccompListener)?.Dispose();
    }
}
