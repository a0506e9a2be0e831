using System.Diagnostics;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;
using Quilt.Shim.Contract;
using Quilt.Testing;

[assembly: Xunit.AssemblyFixture(typeof(Quilt.Kernel.Tests.OciRuntimeFixture))]

// Each test's leak check looks at the whole machine: nothing else of ours may be going on meanwhile.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Quilt.Kernel.Tests;

/// <summary>A folder with a busybox image and the built runtime; each container gets a bundle of its own.</summary>
public sealed class OciRuntimeFixture : IDisposable
{
    /// <summary>Below what the engine gives out: its containers may run beside.</summary>
    public const uint HostIdBase = 0x6F00_0000;

    /// <summary>Where the tests' containers have their groups; of this run alone, so that several may run side by side.</summary>
    public static readonly string Group = $"quilt-tests-{Environment.ProcessId}";

    private readonly string _folder = Directory.CreateTempSubdirectory("quilt-test-").FullName;
    private int _count;

    public OciRuntimeFixture()
    {
        string layer = Path.Combine(_folder, "layer");
        foreach (string folder in (string[])["bin", "proc", "dev", "sys", "tmp", "etc", "root"])
        {
            Directory.CreateDirectory(Path.Combine(layer, folder));
        }

        File.Copy("/bin/busybox", Path.Combine(layer, "bin/busybox"));
        foreach (string applet in Run("/bin/busybox", ["--list"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(a => a != "busybox"))
        {
            File.CreateSymbolicLink(Path.Combine(layer, "bin", applet), "busybox");
        }

        File.WriteAllText(Path.Combine(layer, "etc/script"), "#!/bin/sh\n");
        HostileProgram.Build(Path.Combine(layer, "bin"));
        CgroupHost.OfThisMachine().Open(Group).Create();
        Root = Path.Combine(_folder, "root");
    }

    public string Root { get; }

    /// <summary>What all bundles are in.</summary>
    public string Folder => _folder;

    public string Layer => Path.Combine(_folder, "layer");

    /// <summary>The hostile program, for the host's side of a test.</summary>
    public string Hostile => Path.Combine(Layer, "bin/hostile");

    public static string Runtime { get; } = Path.Combine(Programs.Folder, "quilt-oci");

    /// <summary>
    /// Writes a bundle for the hardened default container, changed as asked. Its root is a copy of the image; a shim is asked for an
    /// overlay of the image instead, as the engine does.
    /// </summary>
    public (string Id, string Bundle) Bundle(string[] args, Func<OciSpec, OciSpec>? change = null)
    {
        string id = $"t{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        string bundle = Path.Combine(_folder, id);
        foreach (string part in (string[])["upper", "work"])
        {
            Directory.CreateDirectory(Path.Combine(bundle, part));
            Sys.Chown(Path.Combine(bundle, part), HostIdBase, HostIdBase);
        }

        CopyImage(Path.Combine(bundle, "rootfs"));

        OciIdMapping[] mapping = [new(0, HostIdBase, 65536)];
        OciSpec spec = new()
        {
            OciVersion = "1.2.0",
            Root = new OciRoot("rootfs"),
            Hostname = "quilt-test",
            Mounts = StandardMounts.All,
            Process = new OciProcess
            {
                Args = args,
                Cwd = "/",
                Env = ["PATH=/bin", "SECRET=hunter2"],
                NoNewPrivileges = true,
                Capabilities = new OciCapabilities { Bounding = StandardCapabilities.All, Permitted = StandardCapabilities.All, Effective = StandardCapabilities.All },
            },
            Annotations = new Dictionary<string, string>
            {
                [QuiltAnnotations.Lower] = Layer,
                [QuiltAnnotations.Upper] = Path.Combine(bundle, "upper"),
                [QuiltAnnotations.Work] = Path.Combine(bundle, "work"),
            },
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["user", "pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new OciNamespace(t))],
                UidMappings = mapping,
                GidMappings = mapping,
                CgroupsPath = $"{Group}/{id}",
                Resources = new OciResources { Devices = [new OciDeviceRule(false) { Access = "rwm" }], Pids = new OciPids(64), Memory = new OciMemory { Limit = 64 << 20, Swap = 64 << 20 } },
                MaskedPaths = ProtectedPaths.Masked,
                ReadonlyPaths = ProtectedPaths.ReadOnly,
                Seccomp = DefaultProfile.Build(StandardCapabilities.All),
            },
        };
        spec = change?.Invoke(spec) ?? spec;
        File.WriteAllBytes(Path.Combine(bundle, "config.json"), JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec));
        return (id, bundle);
    }

    /// <summary>Its folders are the container's root's, its files the host's, which nobody inside may change: all the copies share them.</summary>
    private void CopyImage(string root)
    {
        Run("cp", ["-al", Layer, root]);
        foreach (string folder in Directory.EnumerateDirectories(root).Prepend(root))
        {
            Sys.Chown(folder, HostIdBase, HostIdBase);
        }
    }

    /// <summary>A link in the image, in place of what is there.</summary>
    public static void ImageLink(string bundle, string path, string target)
    {
        string link = Path.Combine(bundle, "rootfs", path);
        if (Directory.Exists(link))
        {
            Directory.Delete(link, recursive: true);
        }

        File.CreateSymbolicLink(link, target);
    }

    /// <summary>A folder of the image's, the container's root being its owner; returns where it is.</summary>
    public static string ImageFolder(string bundle, string path)
    {
        string folder = Path.Combine(bundle, "rootfs");
        foreach (string part in path.Split('/'))
        {
            folder = Path.Combine(folder, part);
            Directory.CreateDirectory(folder);
            Sys.Chown(folder, HostIdBase, HostIdBase);
        }

        return folder;
    }

    public static OciSpec WithAnnotation(OciSpec spec, string name, string value = "true") =>
        spec with { Annotations = new Dictionary<string, string>(spec.Annotations) { [name] = value } };

    /// <summary>Runs a shell script as the container's command and returns what it printed and its exit code.</summary>
    public (int ExitCode, string Output) RunContainer(string script, Func<OciSpec, OciSpec>? change = null) => RunContainer(["sh", "-c", script], change);

    public (int ExitCode, string Output) RunContainer(string[] args, Func<OciSpec, OciSpec>? change = null)
    {
        (string id, string bundle) = Bundle(args, change);
        return Oci("run", "--bundle", bundle, id);
    }

    public (int ExitCode, string Output) Oci(params string[] args) => Run(Runtime, ["--root", Root, .. args]);

    /// <summary>A container that runs until the test is done with it.</summary>
    public RunningContainer Start(string[] args, Func<OciSpec, OciSpec>? change = null)
    {
        (string id, string bundle) = Bundle(args, change);
        return new RunningContainer(this, id, bundle);
    }

    public RunningContainer Start(Func<OciSpec, OciSpec>? change = null) => Start(["sleep", "1000"], change);

    /// <summary>Without our streams, which what stays behind must not hold open.</summary>
    public int Detached(params string[] args)
    {
        using Process process = Process.Start("/bin/sh", ["-c", "exec \"$@\" > /dev/null 2>&1 < /dev/null", "sh", Runtime, "--root", Root, .. args]);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>stdout and stderr together, in order.</summary>
    public static (int ExitCode, string Output) Run(string program, string[] args)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", program, .. args]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public void Dispose()
    {
        foreach (string id in Oci("list", "-q").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Oci("delete", "--force", id);
        }

        Directory.Delete(_folder, recursive: true);
        CgroupHost.OfThisMachine().Open(Group).Remove();
    }
}
