namespace Quilt.Images;

/// <summary>The files of an image layout, wherever they are.</summary>
internal interface ILayoutFiles
{
    /// <param name="path">Relative, parted by <c>/</c>. It may come from a hostile document: nothing outside the layout is opened.</param>
    /// <returns>Null where there is none.</returns>
    Stream? TryOpen(string path);
}
