namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    /// <summary>
    /// The user's home folder by the container's own passwd file (passwd(5)), or '/', as the value of HOME, which the
    /// configuration does not give. The file is the image's: it is read in the container's root, through no magic link, only
    /// where it is a regular file, and nothing depends on what it says but this value.
    /// </summary>
    private static void FindHome(ChildProgram* program)
    {
        if (program->Home == null)
        {
            return;
        }

        const int prefix = 5; // "HOME="
        byte* home = program->Home + prefix;
        home[0] = (byte)'/';
        home[1] = 0;
        int fd;
        fixed (byte* path = "/etc/passwd\0"u8)
        {
            fd = (int)Raw.OpenAt2(AtFdCwd, path, (ulong)(OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveNoMagicLinks);
        }

        if (fd < 0)
        {
            return;
        }

        FileStatus status;
        if (FileStatus.Read(fd, &status) >= 0 && status.IsRegular)
        {
            ReadHome(fd, program->Uid, home, program->HomeRoom - prefix);
        }

        Raw.Close(fd);
    }

    /// <summary>Byte by byte: name:password:UID:GID:comment:HOME:shell. The first line with the number counts.</summary>
    private static void ReadHome(int fd, uint uid, byte* home, int room)
    {
        const int size = 4096, uidField = 2, homeField = 5, mostReads = 256;
        byte* buffer = stackalloc byte[size];
        byte* found = stackalloc byte[room];
        int field = 0, length = 0;
        ulong number = 0;
        bool digits = false, ours = true, fits = true;
        for (int reads = 0; reads < mostReads; reads++)
        {
            nint count = Raw.Call(SyscallNumbers.Read, fd, (nint)buffer, size);
            bool ended = count <= 0;
            for (nint i = 0; i < count || ended; i++)
            {
                byte c = ended ? (byte)'\n' : buffer[i];
                if (c == '\n')
                {
                    if (ours && fits && field >= homeField && length > 0)
                    {
                        for (int k = 0; k < length; k++)
                        {
                            home[k] = found[k];
                        }

                        home[length] = 0;
                        return;
                    }

                    (field, length, number, digits, ours, fits) = (0, 0, 0, false, true, true);
                    if (ended)
                    {
                        return;
                    }
                }
                else if (c == ':')
                {
                    if (field == uidField)
                    {
                        ours &= digits && number == uid;
                    }

                    field++;
                }
                else if (field == uidField)
                {
                    digits = true;
                    ours &= c is >= (byte)'0' and <= (byte)'9' && number <= uint.MaxValue;
                    number = (number * 10) + (ulong)(c & 0xF);
                }
                else if (field == homeField)
                {
                    fits &= length < room - 1 && c != 0;
                    if (fits)
                    {
                        found[length++] = c;
                    }
                }
            }
        }
    }
}
