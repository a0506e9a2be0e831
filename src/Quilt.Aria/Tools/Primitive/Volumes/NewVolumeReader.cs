using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>A volume that is asked for, checked.</summary>
internal static class NewVolumeReader
{
    /// <summary>Of one in memory for which none is given.</summary>
    private const long UsualMemoryBytes = 64L << 20;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static NewVolume Read(Caller caller, string name, string? type, ByteSize? size, IReadOnlyDictionary<string, string>? labels)
    {
        if (!HostName.IsValid(name) || name.Contains('.', StringComparison.Ordinal))
        {
            throw QuiltException.Invalid("name", $"'{name}' is no name for a volume", "give 1 to 63 letters, digits or '-', such as data");
        }

        bool inMemory = type == "tmpfs";
        if (inMemory && size is { } asked && HostReadings.MemoryTotalBytes() is var memory && asked.Bytes > memory)
        {
            throw QuiltException.Invalid("size", $"size {asked} is more than the host's memory of {new ByteSize(memory)}", "give less, or leave the type out: it is on the disk then");
        }

        return new NewVolume(caller.Agent.Id, name)
        {
            InMemory = inMemory,
            SizeBytes = size is { Bytes: not 0 } given ? LimitsReader.Disk(given, "size") : inMemory ? UsualMemoryBytes : 0,
            Labels = ContainerSpecReader.Labels(labels),
        };
    }
}
