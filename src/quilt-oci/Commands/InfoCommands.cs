using System.Text;
using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>features and spec.</summary>
internal static class InfoCommands
{
    internal static Command Features => new("features", [], "Print what this runtime can do", [], (_, _) =>
    {
        Output.Line(JsonSerializer.Serialize(RuntimeFeatures(), OciFeaturesJson.Default.OciFeatures));
        return 0;
    });

    internal static Command Spec => new("spec", [], "Write a config.json to begin with", [new("bundle", "FOLDER", "The bundle's folder (.)", "b")], (_, arguments) =>
    {
        string path = Path.Combine(arguments.Value("bundle") ?? ".", "config.json");
        if (File.Exists(path))
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"{path} exists", "remove it first, or give another --bundle", "bundle");
        }

        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(StarterSpec.Build(), OciJson.Default.OciSpec));
        return 0;
    });

    private static OciFeatures RuntimeFeatures() => new()
    {
        OciVersionMin = "1.0.0",
        OciVersionMax = ThisProgram.SpecVersion,
        Hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
        MountOptions = [.. Launch.Plans.MountOptions.Known],
        Linux = new OciLinuxFeatures
        {
            Namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"],
            Capabilities = [.. Capabilities.All.Take(Capabilities.Last + 1)],
            Cgroup = new OciCgroupFeatures(V1: true, V2: true, Systemd: true, SystemdUser: false, Rdma: true),
            Seccomp = new OciSeccompFeatures(Enabled: true),
            Apparmor = new OciEnabled(true),
            Selinux = new OciEnabled(true),
            IntelRdt = new OciEnabled(false),
            MountExtensions = new OciMountExtensions(new OciIdMapFeature(Enabled: true)),
        },
    };
}
