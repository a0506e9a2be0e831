namespace Quilt.Aria;

/// <summary>Content that waits or is just read. Its place is given back with its space on the disk: when it is closed.</summary>
internal sealed class TransferFile(string path, FileStreamOptions options, TransferPlace place) : FileStream(path, options)
{
    internal TransferPlace Place => place;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        place.Dispose();
    }
}
