using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Limits as a person reads them.</summary>
internal static class LimitText
{
    internal static string Cpus(double most) => most == 0 ? "no limit" : most.ToString(CultureInfo.InvariantCulture);

    internal static string Pids(long most) => most == -1 ? "no limit" : most.ToString(CultureInfo.InvariantCulture);

    /// <param name="device">Empty is the disk that containers are on.</param>
    /// <param name="read">Bytes and operations a second; 0 is no limit.</param>
    internal static string Io(string device, (long Bytes, long Operations) read, (long Bytes, long Operations) write) =>
        $"{(device.Length > 0 ? device : "own disk")} read {Rate(read)} write {Rate(write)}";

    private static string Rate((long Bytes, long Operations) rate) => rate switch
    {
        (0, 0) => "unlimited",
        (_, 0) => $"{new ByteSize(rate.Bytes)}/s",
        (0, _) => $"{rate.Operations.ToString(CultureInfo.InvariantCulture)} operations/s",
        _ => $"{new ByteSize(rate.Bytes)}/s, {rate.Operations.ToString(CultureInfo.InvariantCulture)} operations/s",
    };
}
