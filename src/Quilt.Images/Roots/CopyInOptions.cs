namespace Quilt.Images;

/// <summary>How an archive's entries find their place.</summary>
public enum CopyPlacing
{
    /// <summary>In the folder that is named, which has to be there.</summary>
    Into,

    /// <summary>
    /// The archive is one thing, a file or a folder with all in it, and is placed as <c>cp</c> would: into a folder that is there, else
    /// under the name itself. Named <c>.</c>, its content is placed and not itself.
    /// </summary>
    As,
}

/// <summary>How files come into a live root.</summary>
public sealed record CopyInOptions
{
    public CopyPlacing Placing { get; init; } = CopyPlacing.Into;

    /// <summary>Folders that are missing on the way are made.</summary>
    public bool MakeParents { get; init; }

    /// <summary>Whose all of it becomes, in the container's numbers; null: the container's root's, or ours outside of one.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>Owners are those that the archive has.</summary>
    public bool KeepOwners { get; init; }

    /// <summary>Set-id bits and file capabilities are kept: they count for nothing outside of a container.</summary>
    public bool KeepPrivileges { get; init; } = true;

    /// <summary>What came before a failure stays, and the failure says how much that is; else whoever asked takes it away.</summary>
    public bool TellsWhatStays { get; init; } = true;

    /// <summary>Permissions of a single file; null: those of the file that it replaces, else 0644.</summary>
    public uint? Mode { get; init; }
}
