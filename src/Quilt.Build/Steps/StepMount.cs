using System.Globalization;
using System.Text;

namespace Quilt.Build;

/// <summary>Something at a place in a step's files that is no part of its outcome.</summary>
/// <param name="Target">Absolute; made where it is missing.</param>
public abstract record StepMount(string Target)
{
    /// <summary>A folder or a file of the host's.</summary>
    /// <param name="Source">Absolute, no link; owned by unshifted ids, as layers are.</param>
    public sealed record Bind(string Target, string Source, bool IsReadOnly) : StepMount(Target);

    /// <param name="SizeBytes">Null: the runner's own limit.</param>
    public sealed record Tmpfs(string Target, long? SizeBytes) : StepMount(Target);

    /// <summary>A small file in memory, such as a secret; never on a disk.</summary>
    public sealed record Content(string Target, ReadOnlyMemory<byte> Bytes, uint Permissions, uint Uid, uint Gid) : StepMount(Target)
    {
        // It may be a secret.
        protected override bool PrintMembers(StringBuilder builder)
        {
            builder.Append(CultureInfo.InvariantCulture, $"Target = {Target}, {Bytes.Length} bytes");
            return true;
        }
    }

    /// <summary>A socket whose connections are passed on to one of the host's: an agent of ssh's.</summary>
    public sealed record Socket(string Target, string HostSocket, uint Permissions, uint Uid, uint Gid) : StepMount(Target);
}
