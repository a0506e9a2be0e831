using System.Text;
using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>list and ps.</summary>
internal static class ListCommands
{
    private static Option Format => new("format", "FORMAT", "table or json (table)", "f");

    internal static Command List => new("list", [], "List the containers", [Format, new("quiet", null, "Ids alone", "q")], (runtime, arguments) =>
    {
        List<ContainerRow> rows = [.. runtime.List()];
        if (arguments.Flag("quiet"))
        {
            rows.ForEach(r => Output.Line(r.Id));
        }
        else if (arguments.Value("format") == "json")
        {
            Output.Line(JsonSerializer.Serialize(rows, RuntimeJson.Default.ListContainerRow));
        }
        else
        {
            Output.Line($"{"ID",-36} {"PID",-8} {"STATUS",-9} {"CREATED",-28} BUNDLE");
            rows.ForEach(r => Output.Line($"{r.Id,-36} {r.Pid,-8} {r.Status,-9} {r.Created,-28:O} {r.Bundle}"));
        }

        return 0;
    });

    /// <summary>What follows the id is for the program ps, which other runtimes call; here its columns are fixed.</summary>
    internal static Command Ps => new("ps", [LifecycleCommands.Id, "PS-OPTIONS..."], "List the container's processes, as the host numbers them", [Format], (runtime, arguments) =>
    {
        int[] pids = [.. runtime.Open(arguments.Positional(0)).Cgroup.Processes().Order()];
        if (arguments.Value("format") == "json")
        {
            Output.Line(JsonSerializer.Serialize(pids, RuntimeJson.Default.Int32Array));
            return 0;
        }

        Output.Line("PID      COMMAND");
        foreach (int pid in pids)
        {
            Output.Line($"{pid,-8} {CommandLineOf(pid)}");
        }

        return 0;
    });

    private static string CommandLineOf(int pid)
    {
        try
        {
            // Those inside choose it.
            return Text.Escaped(Encoding.UTF8.GetString(Sys.TryReadFile($"/proc/{pid}/cmdline") ?? []).Replace('\0', ' '));
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH)
        {
            return "";
        }
    }
}
