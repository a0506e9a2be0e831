using System.Diagnostics;
using System.Text.Json;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;

string bundle = Path.GetFullPath(args[0]);
OciSpec spec = JsonSerializer.Deserialize(File.ReadAllBytes(bundle + "/config.json"), OciJson.Default.OciSpec)!;
Launcher launcher = new(new SeccompCache());
if (args.Contains("--seccomp"))
{
    spec = spec with { Linux = spec.Linux! with { Seccomp = DefaultProfile.Build(spec.Process!.Capabilities!.Bounding.ToArray()) } };
}
if (args.Contains("--init")) { spec = spec with { Annotations = new Dictionary<string, string>(spec.Annotations) { [QuiltAnnotations.Init] = "true" } }; }
int rounds = args.Contains("--bench") ? 200 : 1;
List<double> times = [];
int code = 0;
for (int i = 0; i < rounds; i++)
{
    long t = Stopwatch.GetTimestamp();
    try
    {
        LaunchedContainer c = launcher.Create(new LaunchRequest { Spec = spec, Bundle = bundle, Stdio = new ProcessStdio(new FileDescriptor(0, false), new FileDescriptor(1, false), new FileDescriptor(2, false)) });
        double created = Stopwatch.GetElapsedTime(t).TotalMilliseconds;
        c.Start();
        times.Add(Stopwatch.GetElapsedTime(t).TotalMilliseconds);
        ProcessEnd end = Sys.WaitId(c.Pid, true)!.Value;
        code = end.ExitCode;
        c.Dispose();
    }
    catch (LaunchException e)
    {
        Console.Error.WriteLine($"{e.Stage}: {e.Message}; {e.Remedy}");
        return 125;
    }
}
times.Sort();
if (rounds > 1) Console.Error.WriteLine($"p50 {times[times.Count / 2]:F2} p95 {times[times.Count * 95 / 100]:F2}");
return code;
