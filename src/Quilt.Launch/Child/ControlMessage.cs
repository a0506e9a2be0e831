using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

internal enum ControlKind
{
    // Parent to child.
    /// <summary>Ids are mapped; Value mount descriptors come in all, some with each such message.</summary>
    Proceed = 1,
    Start = 2,

    // Child to parent.
    /// <summary>The root is assembled but not yet entered: time for hooks; answered with <see cref="Proceed"/>.</summary>
    RootAssembled = 3,

    /// <summary>The terminal's master side comes with it.</summary>
    Console = 4,
    SeccompListener = 5,

    /// <summary>Everything is done but the final confinement and execve.</summary>
    Ready = 6,
    Failed = 7,

    /// <summary>From the intermediate child: the one that goes on is there.</summary>
    Cloned = 8,
}

/// <summary>One packet on the control socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlMessage
{
    internal ControlKind Kind;
    internal LaunchStage Stage;
    internal int Errno;

    /// <summary>The failed step's index, or a count.</summary>
    internal int Value;
}
