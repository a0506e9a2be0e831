using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>A container that is to be made.</summary>
public sealed record NewContainer(ContainerSpec Spec)
{
    public ContainerId Id { get; init; } = ContainerId.New();
    public ContainerOwner Owner { get; init; } = ContainerOwner.Operator;

    /// <summary>The control group that its own shall be in, below the engine's: see <see cref="ContainerEngine.LimitGroup"/>. Empty: the engine's.</summary>
    public string Group { get; init; } = "";

    /// <summary>What its root is made of; null: the image that the specification names.</summary>
    internal ImageRoot? Root { get; init; }

    /// <summary>The snapshot that its files stand on.</summary>
    internal string? Snapshot { get; init; }

    /// <summary>Its terminal's size.</summary>
    public WindowSize? Window { get; init; }

    /// <summary>The networks that it is in from the beginning, by their ids.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>The volumes that it has from the beginning.</summary>
    public IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>Executes its command too: as one, so that nothing is left where it cannot be executed.</summary>
    public bool Start { get; init; }
}
