namespace Quilt.Launch;

/// <summary>Where launching can fail. Its name in snake case is the <c>stage</c> that callers see.</summary>
public enum LaunchStage
{
    None = 0,
    Clone,
    JoinNamespace,
    TimeNamespace,
    ReceivePlan,
    BecomeRoot,
    RootPropagation,
    AttachRoot,

    /// <summary>A step of the plan; which one is told with it.</summary>
    SetupStep,
    PivotRoot,
    DetachOldRoot,
    Loopback,
    NewSession,
    OpenTerminal,
    SetStdio,
    Keyring,
    Personality,
    LsmLabel,
    Seccomp,
    BoundingSet,
    SetGroups,
    SetUser,
    Capabilities,
    NoNewPrivileges,
    WorkingDirectory,
    CloseDescriptors,
    ForkCommand,

    /// <summary>It was not ready to execute its command in time: something stops it, or the machine is overloaded.</summary>
    Readiness,

    /// <summary>execve of the command: ENOENT is 'not found', EACCES and ENOEXEC 'not executable'.</summary>
    Exec,

    // In the parent.
    SealProgram,
    IdMapping,
    RootFilesystem,
    BindMount,
    Cgroup,
    ProcessAttributes,
    Hook,
    ParentDied,
}
