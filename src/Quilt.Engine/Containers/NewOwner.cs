namespace Quilt.Engine;

/// <summary>Whose a container shall be.</summary>
/// <param name="Group">See <see cref="NewContainer.Group"/>.</param>
public sealed record NewOwner(ContainerOwner Owner, ContainerStrategy Strategy, string Group);
