using System.CommandLine;
using System.Text.Json;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>create, start, run, state, kill, delete, list, pause, resume, ps.</summary>
internal static class LifecycleCommands
{
    private static Argument<string> Id => new("container-id") { Description = "The container's id" };

    internal static void AddTo(RootOptions root)
    {
        AddCreate(root);
        AddRun(root);
        Argument<string> start = Id, state = Id, pause = Id, resume = Id;
        root.Add("start", "Execute the command of a created container", (runtime, parsed) =>
        {
            runtime.Start(parsed.GetValue(start)!);
            return 0;
        }, start);
        root.Add("state", "Print the container's state", (runtime, parsed) =>
        {
            OciContainer container = runtime.Open(parsed.GetValue(state)!);
            Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(container.StateJson(container.Status)));
            return 0;
        }, state);
        root.Add("pause", "Stop all of the container's processes for now", (runtime, parsed) =>
        {
            runtime.SetFrozen(parsed.GetValue(pause)!, true);
            return 0;
        }, pause);
        root.Add("resume", "Let a paused container go on", (runtime, parsed) =>
        {
            runtime.SetFrozen(parsed.GetValue(resume)!, false);
            return 0;
        }, resume);
        AddKill(root);
        AddDelete(root);
        AddList(root);
        AddPs(root);
    }

    private static void AddCreate(RootOptions root)
    {
        Argument<string> id = Id;
        CreateFlags flags = new();
        root.Add("create", "Prepare a container from a bundle, up to its command", (runtime, parsed) =>
        {
            runtime.Create(parsed.GetValue(id)!, flags.Read(parsed));
            return 0;
        }, [id, .. flags.All]);
    }

    private static void AddRun(RootOptions root)
    {
        Argument<string> id = Id;
        CreateFlags flags = new();
        Option<bool> detach = new("--detach", "-d") { Description = "Do not wait for its end" };
        Option<bool> keep = new("--keep") { Description = "Keep its state when it has ended" };
        root.Add("run", "Create and start a container, and wait for its end", (runtime, parsed) =>
            runtime.Run(parsed.GetValue(id)!, flags.Read(parsed), parsed.GetValue(detach), parsed.GetValue(keep)), [id, detach, keep, .. flags.All]);
    }

    private static void AddKill(RootOptions root)
    {
        Argument<string> id = Id;
        Argument<string> signal = new("signal") { Description = "Name or number", DefaultValueFactory = _ => "TERM" };
        Option<bool> all = new("--all", "-a") { Description = "Every process of the container" };
        root.Add("kill", "Send a signal to the container's process", (runtime, parsed) =>
        {
            runtime.Kill(parsed.GetValue(id)!, parsed.GetValue(signal)!, parsed.GetValue(all));
            return 0;
        }, id, signal, all);
    }

    private static void AddDelete(RootOptions root)
    {
        Argument<string> id = Id;
        Option<bool> force = new("--force", "-f") { Description = "Kill it first; a missing one is no error" };
        root.Add("delete", "Remove what a stopped container has left", (runtime, parsed) =>
        {
            runtime.Delete(parsed.GetValue(id)!, parsed.GetValue(force));
            return 0;
        }, id, force);
    }

    private static void AddList(RootOptions root)
    {
        Option<string> format = new("--format", "-f") { Description = "table or json", DefaultValueFactory = _ => "table" };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Ids alone" };
        root.Add("list", "List the containers", (runtime, parsed) =>
        {
            List<ContainerRow> rows = [.. runtime.List()];
            if (parsed.GetValue(quiet))
            {
                rows.ForEach(r => Console.Out.WriteLine(r.Id));
            }
            else if (parsed.GetValue(format) == "json")
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(rows, RuntimeJson.Default.ListContainerRow));
            }
            else
            {
                Console.Out.WriteLine($"{"ID",-36} {"PID",-8} {"STATUS",-9} {"CREATED",-28} BUNDLE");
                rows.ForEach(r => Console.Out.WriteLine($"{r.Id,-36} {r.Pid,-8} {r.Status,-9} {r.Created,-28:O} {r.Bundle}"));
            }

            return 0;
        }, format, quiet);
    }

    private static void AddPs(RootOptions root)
    {
        Argument<string> id = Id;
        Option<string> format = new("--format", "-f") { Description = "table or json", DefaultValueFactory = _ => "table" };
        root.Add("ps", "List the container's processes, as the host numbers them", (runtime, parsed) =>
        {
            int[] pids = [.. runtime.Open(parsed.GetValue(id)!).Cgroup.Processes().Order()];
            if (parsed.GetValue(format) == "json")
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(pids, RuntimeJson.Default.Int32Array));
                return 0;
            }

            Console.Out.WriteLine("PID      COMMAND");
            foreach (int pid in pids)
            {
                string path = $"/proc/{pid}/cmdline";
                Console.Out.WriteLine($"{pid,-8} {(File.Exists(path) ? File.ReadAllText(path).Replace('\0', ' ') : "")}");
            }

            return 0;
        }, id, format);
    }
}
