using System.CommandLine;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

internal sealed class DoctorCommand : CliCommand
{
    private readonly Option<string?> _bundle;

    internal DoctorCommand()
        : base("doctor", "Check what Quilt wants of this host, and say what to do") =>
        _bundle = Value("FILE", "Also write what is needed to find a fault, without secrets, as an archive (.tar.gz)", "--bundle");

    internal override string Usage => "[--bundle FILE]";

    internal override string Details =>
        """
        Works without a daemon and changes nothing. Ends with 1 where something needed is missing. A bundle has the findings, what the daemon
        tells of containers, images, events, calls and itself, its log where systemd keeps it, and files of /proc and /sys: no environment,
        command, argument, label, file or output of a container.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt doctor", "Kernel, cgroups, tools, daemon, each with its remedy"),
        new("quilt doctor --bundle quilt.tar.gz", "For whoever is to find out what is wrong"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        List<HostFinding> findings = [.. HostProbe.Look(), await DaemonProbe.LookAsync(call)];
        if (call.Get(_bundle) is { } file)
        {
            int files = await new SupportBundle(call).WriteAsync(file, findings);
            call.Streams.Error.WriteLine(
                $"quilt: wrote {Path.GetFullPath(file)} ({files} files, for you alone to read); not in it: environments, commands, arguments, labels, files and outputs of containers, tokens, kernel parameters that Quilt has no use for");
        }

        bool good = findings.TrueForAll(f => f.IsGood || !f.IsNeeded);
        if (call.Json)
        {
            CliJson.WriteDocument(
                call.Out, new DoctorView(good, [.. findings.Select(f => new FindingView(f.Name, f.IsGood, f.IsNeeded, f.Found, f.Remedy))]), j => j.DoctorView);
        }
        else
        {
            Write(call.Out, call.Streams.Style, findings);
        }

        return good ? 0 : 1;
    }

    internal static void Write(TextWriter to, Style style, IReadOnlyList<HostFinding> findings)
    {
        int width = findings.Max(f => f.Name.Length);
        foreach (HostFinding finding in findings)
        {
            string mark = finding.IsGood ? style.Good("ok  ") : finding.IsNeeded ? style.Bad("bad ") : style.Warning("note");
            to.WriteLine($"{mark}  {finding.Name.PadRight(width)}  {finding.Found}");
            if (finding.Remedy is not null)
            {
                to.WriteLine($"      {new string(' ', width)}  remedy: {finding.Remedy}");
            }
        }
    }
}
