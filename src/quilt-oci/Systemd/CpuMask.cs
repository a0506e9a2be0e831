using Quilt.Core;
using Quilt.Linux;

namespace Quilt.OciRuntime.Systemd;

/// <summary>Processors or memory nodes as systemd has them.</summary>
internal static class CpuMask
{
    /// <summary>Bit n of byte n/8 stands for number n.</summary>
    /// <param name="list">As the kernel writes it (<see cref="CpuList"/>).</param>
    /// <exception cref="QuiltException">It is not such a list.</exception>
    internal static byte[] Of(string list)
    {
        if (list.Split(',').Any(string.IsNullOrWhiteSpace) || CpuList.TryParse(list) is not { } numbers)
        {
            throw QuiltException.Invalid("linux.resources.cpu", $"'{list}' is not a list of processors or memory nodes", "give one such as '0-3,6'");
        }

        byte[] mask = new byte[(numbers[^1] / 8) + 1];
        foreach (int number in numbers)
        {
            mask[number / 8] |= (byte)(1 << (number % 8));
        }

        return mask;
    }
}
