using System.CommandLine;
using System.Text.Json;
using Quilt.Core;
using Quilt.Oci;

namespace Quilt.OciRuntime;

internal static class UpdateCommand
{
    internal static void AddTo(RootOptions root)
    {
        Argument<string> id = new("container-id") { Description = "The container's id" };
        Option<string?> file = new("--resources", "-r") { Description = "File with an OCI resources object; '-' is stdin" };
        Option<string?> memory = new("--memory") { Description = "Bytes, or with a unit" };
        Option<string?> swap = new("--memory-swap") { Description = "Memory and swap together" };
        Option<string?> reservation = new("--memory-reservation") { Description = "Bytes, or with a unit" };
        Option<long?> quota = new("--cpu-quota") { Description = "Microseconds in a period" };
        Option<ulong?> period = new("--cpu-period") { Description = "Microseconds" };
        Option<ulong?> shares = new("--cpu-share", "--cpu-shares") { Description = "2 to 262144" };
        Option<string?> cpus = new("--cpuset-cpus") { Description = "Such as 0-1" };
        Option<string?> mems = new("--cpuset-mems") { Description = "Such as 0" };
        Option<long?> pids = new("--pids-limit") { Description = "-1 is no limit" };
        root.Add("update", "Change a container's limits", (runtime, parsed) =>
        {
            OciResources resources = parsed.GetValue(file) is { } path
                ? Read(path)
                : new OciResources
                {
                    Memory = new OciMemory { Limit = Bytes(parsed.GetValue(memory), "memory"), Swap = Bytes(parsed.GetValue(swap), "memory-swap"), Reservation = Bytes(parsed.GetValue(reservation), "memory-reservation") },
                    Cpu = new OciCpu { Quota = parsed.GetValue(quota), Period = parsed.GetValue(period), Shares = parsed.GetValue(shares), Cpus = parsed.GetValue(cpus), Mems = parsed.GetValue(mems) },
                    Pids = parsed.GetValue(pids) is { } limit ? new OciPids(limit) : null,
                };
            runtime.Update(parsed.GetValue(id)!, resources);
            return 0;
        }, id, file, memory, swap, reservation, quota, period, shares, cpus, mems, pids);
    }

    private static long? Bytes(string? text, string field) => text switch
    {
        null => null,
        "-1" => -1,
        _ => ByteSize.Parse(text, field).Bytes,
    };

    private static OciResources Read(string path)
    {
        using Stream content = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        return JsonSerializer.Deserialize(content, OciJson.Default.OciResources)
            ?? throw QuiltException.Invalid("resources", "it is null", "give a resources object");
    }
}
