using System.Globalization;

namespace Quilt.Linux;

/// <summary>Where limits are written to: at once, or, as <see cref="LimitChange"/>, so that they can be taken back.</summary>
internal class LimitWriter
{
    internal static LimitWriter Plain { get; } = new();

    internal virtual void Write(string folder, string file, string value) => CgroupFiles.Write(folder, file, value);

    internal void Write(string folder, string file, long value) => Write(folder, file, value.ToString(CultureInfo.InvariantCulture));
}
