using Quilt.Images;

namespace Quilt.Engine;

/// <summary>An image that is to be made of a container.</summary>
/// <param name="Reference">By its tag.</param>
public sealed record NewCommit(ImageReference Reference)
{
    public string? Author { get; init; }

    /// <summary>Kept in its history.</summary>
    public string? Message { get; init; }

    /// <summary>Where it runs, it is paused while its files are read.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>How containers of the new image run: instructions of a Dockerfile that change no file, one line each.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
