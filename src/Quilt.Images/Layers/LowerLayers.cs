namespace Quilt.Images;

/// <summary>The layers below one that is unpacked, which may be on their way themselves.</summary>
/// <param name="folders">Lowest first.</param>
/// <param name="ready">Ends when they are all there; throws where one will not be.</param>
internal sealed class LowerLayers(IReadOnlyList<string> folders, Task ready)
{
    /// <summary>Waits until they are there. On a thread of the unpacking's own: what it reads from waits too.</summary>
    internal IReadOnlyList<string> TopmostFirst()
    {
        ready.GetAwaiter().GetResult();
        return [.. folders.Reverse()];
    }

    /// <summary>Waits as <see cref="TopmostFirst"/> does; null where there is none.</summary>
    internal string? Topmost() => TopmostFirst() is [var first, ..] ? first : null;
}
