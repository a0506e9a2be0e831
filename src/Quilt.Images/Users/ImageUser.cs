namespace Quilt.Images;

/// <summary>Whom a process in a container runs as, in the container's own numbers.</summary>
public sealed record ImageUser
{
    public required uint Uid { get; init; }
    public required uint Gid { get; init; }

    /// <summary>Of the groups that list the user; none where a group was asked for by itself.</summary>
    public required IReadOnlyList<uint> AdditionalGids { get; init; }

    /// <summary>Absolute; <c>/</c> where the image does not say.</summary>
    public required string Home { get; init; }
}
