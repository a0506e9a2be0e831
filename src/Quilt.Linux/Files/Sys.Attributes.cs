namespace Quilt.Linux;

public static unsafe partial class Sys
{
    // Nearly all values, and lists of names, are shorter.
    private const int UsualAttribute = 1024;

    /// <summary>fsetxattr(2): makes the attribute or replaces it.</summary>
    /// <exception cref="SyscallException">EOPNOTSUPP where the file system keeps none; EPERM without the privilege its prefix asks for.</exception>
    public static void SetAttribute(FileDescriptor file, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* data = value)
        {
            Check(LibC.fsetxattr(file.Number, name, data, (nuint)value.Length, 0), "fsetxattr", name);
        }
    }

    /// <summary>setxattr(2): as the other, and takes no descriptor.</summary>
    /// <inheritdoc cref="SetAttribute(FileDescriptor, string, ReadOnlySpan{byte})" path="/exception"/>
    public static void SetAttribute(string path, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* data = value)
        {
            Check(LibC.setxattr(path, name, data, (nuint)value.Length, 0), "setxattr", path);
        }
    }

    /// <summary>fgetxattr(2); null where there is none of that name.</summary>
    /// <exception cref="SyscallException">ERANGE where it is longer than <paramref name="longest"/> bytes.</exception>
    public static byte[]? TryGetAttribute(FileDescriptor file, string name, int longest)
    {
        byte* usual = stackalloc byte[UsualAttribute];
        nint length = LibC.fgetxattr(file.Number, name, usual, (nuint)Math.Min(longest, UsualAttribute));
        if (length >= 0)
        {
            return new Span<byte>(usual, (int)length).ToArray();
        }

        if (LastErrno() == Errno.ERANGE && longest > UsualAttribute)
        {
            byte[] value = new byte[longest];
            fixed (byte* data = value)
            {
                length = LibC.fgetxattr(file.Number, name, data, (nuint)longest);
            }

            if (length >= 0)
            {
                return value.AsSpan(0, (int)length).ToArray();
            }
        }

        return LastErrno() is Errno.ENODATA or Errno.EOPNOTSUPP ? null : throw SyscallException.Last("fgetxattr", name);
    }

    /// <summary>getxattr(2); null where there is none of that name, or no such file.</summary>
    /// <exception cref="SyscallException">ERANGE where it is longer than <paramref name="longest"/> bytes.</exception>
    public static byte[]? TryGetAttribute(string path, string name, int longest)
    {
        byte* value = stackalloc byte[longest];
        nint length = LibC.getxattr(path, name, value, (nuint)longest);
        if (length >= 0)
        {
            return new Span<byte>(value, (int)length).ToArray();
        }

        return LastErrno() is Errno.ENODATA or Errno.EOPNOTSUPP or Errno.ENOENT ? null : throw SyscallException.Last("getxattr", path);
    }

    /// <summary>flistxattr(2): the names of a file's attributes that we may see, each a <see cref="FileName"/>. The list has at most 64 KiB (XATTR_LIST_MAX).</summary>
    public static IReadOnlyList<string> AttributeNames(FileDescriptor file)
    {
        byte* usual = stackalloc byte[UsualAttribute];
        nint length = LibC.flistxattr(file.Number, usual, UsualAttribute);
        if (length >= 0)
        {
            return length == 0 ? [] : NamesIn(new ReadOnlySpan<byte>(usual, (int)length));
        }

        if (LastErrno() == Errno.EOPNOTSUPP)
        {
            return [];
        }

        byte[] names = new byte[64 << 10];
        fixed (byte* data = names)
        {
            length = LibC.flistxattr(file.Number, data, (nuint)names.Length);
        }

        return NamesIn(names.AsSpan(0, (int)Check(length, "flistxattr", null)));
    }

    private static string[] NamesIn(ReadOnlySpan<byte> list) => FileName.FromBytes(list).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>syncfs(2): all that was written to the file system that holds <paramref name="file"/> is on the disk.</summary>
    public static void SynchronizeFilesystem(FileDescriptor file, string subject) => Check(LibC.syncfs(file.Number), "syncfs", subject);
}
