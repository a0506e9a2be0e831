using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The options that say what a container may use at most: the same where it is made and where it is changed.</summary>
internal sealed class LimitOptions(CliCommand command)
{
    private readonly Option<string?> _memory = command.Value("SIZE", "Most memory, such as 512MiB", "--memory", "-m");
    private readonly Option<string?> _memoryHigh = command.Value("SIZE", "Memory beyond which it is slowed down, not killed (cgroup v2)", "--memory-high");
    private readonly Option<string?> _swap = command.Value("SIZE", "Swap beside its memory (else none)", "--swap");
    private readonly Option<string?> _cpus = command.Value("N", "Most processor time: 1.5 is one and a half cores", "--cpus");
    private readonly Option<string?> _cpuset = command.Value("LIST", "Processors that it may run on, such as 0-1,3", "--cpuset-cpus");
    private readonly Option<string?> _cpuWeight = command.Value("N", "Share where processors are short, 1 to 10000 (else 100)", "--cpu-weight");
    private readonly Option<string?> _pids = command.Value("N", "Most processes; -1 for no limit", "--pids", "--pids-limit");
    private readonly Option<string?> _files = command.Value("N", "Files that each process may have open", "--files");
    private readonly Option<string?> _ioWeight = command.Value("N", "Share where a disk is busy, 1 to 1000 (else 100)", "--io-weight");
    private readonly Option<string[]> _io = command.Values("[DEVICE:]KEY=RATE[,…]", "Disk speed: read-bps, write-bps (sizes), read-iops, write-iops a second", "--io");
    private readonly Option<string[]> _hugepages = command.Values("SIZE=LIMIT", "Most huge pages, such as 2MiB=64MiB", "--hugepages");

    /// <summary>Open files are a limit of processes, not of the container.</summary>
    internal Ulimit? Files(Invocation call) => call.Get(_files) is { } files ? new Ulimit { Name = "nofile", Soft = (ulong)ReadNumber(files, "--files", 1), Hard = (ulong)ReadNumber(files, "--files", 1) } : null;

    /// <summary>What is not given is 0, and as usual.</summary>
    internal Resources Read(Invocation call)
    {
        Resources read = new()
        {
            MemoryBytes = ReadSize(call, _memory),
            MemoryHighBytes = ReadSize(call, _memoryHigh),
            SwapBytes = ReadSize(call, _swap),
            Cpus = call.Get(_cpus) is { } cpus ? ReadCpus(cpus) : 0,
            Cpuset = call.Get(_cpuset) ?? "",
            CpuWeight = (int)(call.Get(_cpuWeight) is { } weight ? ReadNumber(weight, "--cpu-weight", 1) : 0),
            Pids = call.Get(_pids) is { } pids ? ReadPids(pids) : 0,
            IoWeight = (int)(call.Get(_ioWeight) is { } share ? ReadNumber(share, "--io-weight", 1) : 0),
        };
        read.Io.AddRange((call.Get(_io) ?? []).Select(ReadIo));
        read.Hugepages.AddRange((call.Get(_hugepages) ?? []).Select(ReadHugepages));
        return read;
    }

    /// <summary>One of them at least.</summary>
    internal bool IsGiven(Invocation call) => command.Options.Any(o => IsOurs(o) && call.IsGiven(o));

    internal IEnumerable<string> Names => command.Options.Where(IsOurs).Select(o => o.Name);

    /// <summary>What is given, for a tool; 0, or nothing after '=', is as usual.</summary>
    internal ToolArguments AddTo(ToolArguments arguments, Invocation call) =>
        arguments
            .Add("memory", call.Get(_memory)).Add("memoryHigh", call.Get(_memoryHigh)).Add("swap", call.Get(_swap))
            .Add("cpus", call.Get(_cpus) is { } cpus ? ReadCpus(cpus) : null).Add("cpuset", call.Get(_cpuset)).Add("cpuWeight", Number(call, _cpuWeight))
            .Add("pids", call.Get(_pids) is { } pids ? ReadPids(pids) : null).Add("files", Number(call, _files)).Add("ioWeight", Number(call, _ioWeight))
            .Add("io", Given(call, _io)?.Where(i => i.Length > 0).Select(i => Io(ReadIo(i))))
            .Add("hugepages", Given(call, _hugepages)?.Where(h => h.Length > 0).Select(ReadHugepages).Select(h => new ToolArguments().Add("size", h.SizeBytes).Add("limit", h.LimitBytes)));

    internal static double ReadCpus(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double cpus) && cpus >= 0
            ? cpus
            : throw QuiltException.Invalid("--cpus", $"--cpus '{text}' is not a number of cores", "give a number such as 1.5; 0 is no limit");

    /// <summary><c>read-bps=10MiB,write-iops=100</c>, with the disk and a colon before it where it is not the containers' own.</summary>
    internal static IoLimit ReadIo(string text)
    {
        const string field = "--io";

        // A disk's number has a colon of its own: 8:0:read-bps=1MiB.
        int device = text.LastIndexOf(':');
        IoLimit limit = new() { Device = device < 0 ? "" : text[..device] };
        HashSet<string> given = new(StringComparer.Ordinal);
        foreach (string part in text[(device + 1)..].Split(','))
        {
            (string key, string? rate) = KeyValues.Split(part, field);
            if (!given.Add(key))
            {
                throw QuiltException.Invalid(field, $"{field} '{text}' has {key} twice", "give each rate once");
            }

            switch (key)
            {
                case "read-bps":
                    limit.ReadBps = ByteSize.Parse(rate ?? "", field).Bytes;
                    break;
                case "write-bps":
                    limit.WriteBps = ByteSize.Parse(rate ?? "", field).Bytes;
                    break;
                case "read-iops":
                    limit.ReadIops = ReadNumber(rate ?? "", field, 0);
                    break;
                case "write-iops":
                    limit.WriteIops = ReadNumber(rate ?? "", field, 0);
                    break;
                default:
                    throw QuiltException.Invalid(field, $"{field} '{text}' has no such rate: '{key}'", "give read-bps, write-bps, read-iops or write-iops, such as read-bps=10MiB,write-iops=100");
            }
        }

        return limit;
    }

    private static ToolArguments Io(IoLimit limit) => new ToolArguments()
        .Add("device", limit.Device.Length > 0 ? limit.Device : null).Add("readBps", limit.ReadBps).Add("writeBps", limit.WriteBps).Add("readIops", limit.ReadIops).Add("writeIops", limit.WriteIops);

    private static HugepageLimit ReadHugepages(string text)
    {
        (string size, string? limit) = KeyValues.Split(text, "--hugepages");
        return new HugepageLimit { SizeBytes = ByteSize.Parse(size, "--hugepages").Bytes, LimitBytes = ByteSize.Parse(limit ?? "", "--hugepages").Bytes };
    }

    private static string[]? Given(Invocation call, Option<string[]> option) => call.IsGiven(option) ? call.Get(option) : null;

    private static bool IsOurs(Option option) => option.Name is "--memory" or "--memory-high" or "--swap" or "--cpus" or "--cpuset-cpus" or "--cpu-weight" or "--pids" or "--files" or "--io-weight" or "--io" or "--hugepages";

    private static long ReadSize(Invocation call, Option<string?> option) => call.Get(option) is { } size ? ByteSize.Parse(size, option.Name).Bytes : 0;

    private static long? Number(Invocation call, Option<string?> option) => call.Get(option) is { } number ? ReadNumber(number, option.Name, 0) : null;

    private static long ReadNumber(string text, string field, long least) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= int.MaxValue
            ? number
            : throw QuiltException.Invalid(field, $"{field} '{text}' is not a number that it can be", $"give a number from {least}");

    private static long ReadPids(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long pids) && pids >= -1
            ? pids
            : throw QuiltException.Invalid("--pids", $"--pids '{text}' is not a number of processes", "give a number; 0 is as many as usual, -1 no limit");
}
