namespace Quilt.Linux;

/// <summary>A limit of a group in use was not taken. What was changed before it is as it was.</summary>
/// <param name="file">The kernel's, such as <c>memory.max</c>.</param>
public sealed class LimitRefusedException(string file, string value, Errno errno, Exception? inner)
    : Exception($"{file} does not take {value.Trim()}: {errno} ({errno.Meaning()})", inner)
{
    public string File { get; } = file;
    public string Value { get; } = value;
    public Errno Errno { get; } = errno;
}
