namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>
    /// Tells ext4 that the folders in one have nothing to do with another (EXT4_TOPDIR_FL, <c>chattr +T</c>): each begins in a part of the disk that has
    /// room, and not where the last was. Other file systems need not be told.
    /// </summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/FS_IOC_GETFLAGS.2const.html"/>
    public static void SpreadFoldersIn(string folder)
    {
        const uint get = 0x8008_6601, set = 0x4008_6602;
        const int topFolder = 0x0002_0000;
        const ulong ext4 = 0xEF53;
        using FileDescriptor opened = Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        int flags = 0;
        if (FilesystemMagic(opened) == ext4 && LibC.ioctl(opened.Number, get, &flags) >= 0 && (flags & topFolder) == 0)
        {
            flags |= topFolder;
            _ = LibC.ioctl(opened.Number, set, &flags); // for speed alone
        }
    }
}
