namespace Quilt.Linux;

/// <summary>One control group, whichever of the kernel's two designs holds it (cgroups(7)).</summary>
public interface ICgroup
{
    /// <summary>Moves a process in, with all its threads.</summary>
    void AddProcess(int pid);

    /// <summary>The folder, for CLONE_INTO_CGROUP; null where the kernel cannot clone into it (v1).</summary>
    FileDescriptor? OpenForClone();
}
