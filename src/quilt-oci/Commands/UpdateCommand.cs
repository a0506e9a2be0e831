using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

internal static class UpdateCommand
{
    internal static Command Update => new("update", [LifecycleCommands.Id], "Change a container's limits",
    [
        new("resources", "FILE", "File with an OCI resources object, in place of the other options; '-' is stdin", "r"),
        new("memory", "SIZE", "Bytes, or with a unit; -1 is no limit"),
        new("memory-swap", "SIZE", "Memory and swap together"),
        new("memory-reservation", "SIZE", "Bytes, or with a unit"),
        new("cpu-quota", "MICROS", "Microseconds in a period"),
        new("cpu-period", "MICROS", "Microseconds"),
        new("cpu-share", "SHARES", "2 to 262144", null, "cpu-shares"),
        new("cpu-burst", "MICROS", "Microseconds saved up"),
        new("cpu-rt-period", "MICROS", "Microseconds of real-time scheduling's period"),
        new("cpu-rt-runtime", "MICROS", "Microseconds of it in a period"),
        new("cpuset-cpus", "LIST", "Such as 0-1"),
        new("cpuset-mems", "LIST", "Such as 0"),
        new("blkio-weight", "WEIGHT", "10 to 1000"),
        new("pids-limit", "COUNT", "-1 is no limit"),
    ],
    (runtime, arguments) =>
    {
        runtime.Update(arguments.Positional(0), arguments.Value("resources") is { } path ? Read(path) : Given(arguments));
        return 0;
    });

    private static OciResources Given(Arguments arguments) => new()
    {
        Memory = new OciMemory { Limit = Bytes(arguments, "memory"), Swap = Bytes(arguments, "memory-swap"), Reservation = Bytes(arguments, "memory-reservation") },
        Cpu = new OciCpu
        {
            Quota = arguments.Number<long>("cpu-quota"),
            Period = arguments.Number<ulong>("cpu-period"),
            Shares = arguments.Number<ulong>("cpu-share"),
            Burst = arguments.Number<ulong>("cpu-burst"),
            RealtimePeriod = arguments.Number<ulong>("cpu-rt-period"),
            RealtimeRuntime = arguments.Number<long>("cpu-rt-runtime"),
            Cpus = arguments.Value("cpuset-cpus"),
            Mems = arguments.Value("cpuset-mems"),
        },
        BlockIo = arguments.Number<ushort>("blkio-weight") is { } weight ? new OciBlockIo { Weight = weight } : null,
        Pids = arguments.Number<long>("pids-limit") is { } limit ? new OciPids(limit) : null,
    };

    private static long? Bytes(Arguments arguments, string name) => arguments.Value(name) switch
    {
        null => null,
        "-1" => -1,
        { } text => ByteSize.Parse(text, name).Bytes,
    };

    private static OciResources Read(string path)
    {
        byte[] content = Sys.TryReadFile(path == "-" ? "/proc/self/fd/0" : path)
            ?? throw QuiltException.Invalid("resources", $"there is no {path}", "give a file with a resources object, or '-' for stdin");
        try
        {
            OciResources resources = JsonSerializer.Deserialize(content, OciJson.Default.OciResources)
                ?? throw QuiltException.Invalid("resources", "it is null", "give a resources object");
            OciSpecValidator.Validate(resources);
            return resources;
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("resources", $"it is not a resources object: {e.Path ?? "$"} at line {e.LineNumber + 1}", "see the OCI runtime spec, config-linux.md");
        }
    }
}
