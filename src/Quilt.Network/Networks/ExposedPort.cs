using Quilt.Core;

namespace Quilt.Network;

/// <summary>A port that a container offers to those of its networks.</summary>
/// <param name="Name">Of the service: the members find all who offer it by this name. Null: it has none.</param>
public sealed record ExposedPort(ContainerId Container, ushort Port, TransportProtocol Protocol, string? Name);
