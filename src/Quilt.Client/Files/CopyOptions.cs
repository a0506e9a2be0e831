namespace Quilt.Client;

/// <summary>How files come into a container.</summary>
public sealed record CopyOptions
{
    /// <summary>Whose they become, by the container's own accounts: USER or UID, with :GROUP or :GID. Null: root.</summary>
    public string? Owner { get; init; }

    /// <summary>Keep the owners that an archive has.</summary>
    public bool KeepOwners { get; init; }

    /// <summary>A single file's permissions; null: those of the file that it replaces, else 0644.</summary>
    public UnixFileMode? Mode { get; init; }

    /// <summary>Make the folders that are missing on the way.</summary>
    public bool MakeParents { get; init; }
}

/// <summary>What was copied.</summary>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Bytes">Of files' content.</param>
/// <param name="LeftOut">What was not, and why.</param>
public sealed record CopyResult(long Entries, long Bytes, IReadOnlyList<string> LeftOut);
