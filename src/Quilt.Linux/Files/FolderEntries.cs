namespace Quilt.Linux;

/// <summary>What is in an open folder, from where it was read to. Names are bytes, not text: a container may have made them.</summary>
/// <param name="buffer">Of <see cref="BufferSize"/> bytes; what a name points at is there until the next step.</param>
/// <seealso href="https://man7.org/linux/man-pages/man2/getdents.2.html"/>
internal unsafe ref struct FolderEntries(int folder, byte* buffer)
{
    internal const int BufferSize = 8192;
    private const int NameAt = 19, TypeAt = 18, LengthAt = 16;
    private static readonly nint ReadEntries = Sys.IsArm64 ? 61 : 217;
    private byte* _entry, _next, _end;

    /// <summary>Ended by NUL.</summary>
    internal readonly byte* Name => _entry + NameAt;

    /// <summary>Unknown, where the file system does not say it here.</summary>
    internal readonly FileKind Kind => (FileKind)_entry[TypeAt];

    /// <summary>The next step reads more.</summary>
    internal readonly bool IsReadOut => _next == _end;

    /// <summary>It could not be read to its end: the last error number says why.</summary>
    internal bool Failed { get; private set; }

    /// <returns>False: there are no more, or it has <see cref="Failed"/>.</returns>
    internal bool MoveNext()
    {
        do
        {
            if (_next == _end)
            {
                nint length = LibC.syscall(ReadEntries, folder, (nint)buffer, BufferSize, 0, 0, 0);
                if (length <= 0)
                {
                    Failed = length < 0;
                    return false;
                }

                _next = buffer;
                _end = buffer + length;
            }

            _entry = _next;
            _next += *(ushort*)(_entry + LengthAt);
        }
        while (IsSelfOrParent(Name));
        return true;
    }

    private static bool IsSelfOrParent(byte* name) => name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}
