namespace Quilt.Client;

/// <summary>A container's files as they were at one moment.</summary>
/// <param name="Name">Null: it goes with the last that stands on it.</param>
/// <param name="Container">The id of the one that it was taken of.</param>
/// <param name="Parent">The id of the snapshot that it stands on; null: on the image itself.</param>
/// <param name="Size">Bytes on the disk of what had been changed since the parent, and of the image's volumes.</param>
public sealed record SnapshotInfo(string Id, string? Name, string Container, string ContainerName, string? Parent, string Image, long Size, DateTimeOffset CreatedAt);
