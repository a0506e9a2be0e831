using System.Text.Json;

namespace Quilt.Oci.Reading;

public static partial class OciReader
{
    private static OciProcess Process(ref Utf8JsonReader json)
    {
        bool terminal = false, noNewPrivileges = false;
        OciBox? consoleSize = null;
        string? cwd = null, apparmor = null, selinux = null;
        string[] env = [], args = [];
        OciRlimit[] rlimits = [];
        OciCapabilities? capabilities = null;
        int? oomScoreAdj = null;
        OciScheduler? scheduler = null;
        OciIoPriority? ioPriority = null;
        OciCpuAffinity? affinity = null;
        OciUser? user = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("terminal"u8)) { terminal = json.NextFlag(); }
            else if (json.ValueTextEquals("consoleSize"u8)) { consoleSize = json.NextObject() ? Box(ref json) : null; }
            else if (json.ValueTextEquals("cwd"u8)) { cwd = json.NextText(); }
            else if (json.ValueTextEquals("env"u8)) { env = json.NextTexts(); }
            else if (json.ValueTextEquals("args"u8)) { args = json.NextTexts(); }
            else if (json.ValueTextEquals("rlimits"u8)) { rlimits = json.NextItems(Rlimit); }
            else if (json.ValueTextEquals("apparmorProfile"u8)) { apparmor = json.NextText(); }
            else if (json.ValueTextEquals("capabilities"u8)) { capabilities = json.NextObject() ? CapabilitySets(ref json) : null; }
            else if (json.ValueTextEquals("noNewPrivileges"u8)) { noNewPrivileges = json.NextFlag(); }
            else if (json.ValueTextEquals("oomScoreAdj"u8)) { oomScoreAdj = json.NextInt(); }
            else if (json.ValueTextEquals("scheduler"u8)) { scheduler = json.NextObject() ? Scheduler(ref json) : null; }
            else if (json.ValueTextEquals("selinuxLabel"u8)) { selinux = json.NextText(); }
            else if (json.ValueTextEquals("ioPriority"u8)) { ioPriority = json.NextObject() ? IoPriority(ref json) : null; }
            else if (json.ValueTextEquals("execCPUAffinity"u8)) { affinity = json.NextObject() ? CpuAffinity(ref json) : null; }
            else if (json.ValueTextEquals("user"u8)) { user = json.NextObject() ? User(ref json) : null; }
            else { json.SkipValue(); }
        }

        return new OciProcess
        {
            Terminal = terminal,
            ConsoleSize = consoleSize,
            Cwd = cwd ?? throw new JsonException(),
            Env = env,
            Args = args,
            Rlimits = rlimits,
            ApparmorProfile = apparmor,
            Capabilities = capabilities,
            NoNewPrivileges = noNewPrivileges,
            OomScoreAdj = oomScoreAdj,
            Scheduler = scheduler,
            SelinuxLabel = selinux,
            IoPriority = ioPriority,
            ExecCpuAffinity = affinity,
            User = user!,
        };
    }

    private static OciBox Box(ref Utf8JsonReader json)
    {
        uint height = 0, width = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("height"u8)) { height = json.NextUInt().Required(); }
            else if (json.ValueTextEquals("width"u8)) { width = json.NextUInt().Required(); }
            else { json.SkipValue(); }
        }

        return new OciBox(height, width);
    }

    private static OciRlimit Rlimit(ref Utf8JsonReader json)
    {
        string? type = null;
        ulong hard = 0, soft = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("type"u8)) { type = json.NextText(); }
            else if (json.ValueTextEquals("hard"u8)) { hard = json.NextUnsigned().Required(); }
            else if (json.ValueTextEquals("soft"u8)) { soft = json.NextUnsigned().Required(); }
            else { json.SkipValue(); }
        }

        return new OciRlimit(type!, hard, soft);
    }

    private static OciCapabilities CapabilitySets(ref Utf8JsonReader json)
    {
        string[] bounding = [], permitted = [], inheritable = [], effective = [], ambient = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("bounding"u8)) { bounding = json.NextTexts(); }
            else if (json.ValueTextEquals("permitted"u8)) { permitted = json.NextTexts(); }
            else if (json.ValueTextEquals("inheritable"u8)) { inheritable = json.NextTexts(); }
            else if (json.ValueTextEquals("effective"u8)) { effective = json.NextTexts(); }
            else if (json.ValueTextEquals("ambient"u8)) { ambient = json.NextTexts(); }
            else { json.SkipValue(); }
        }

        return new OciCapabilities { Bounding = bounding, Permitted = permitted, Inheritable = inheritable, Effective = effective, Ambient = ambient };
    }

    private static OciScheduler Scheduler(ref Utf8JsonReader json)
    {
        string? policy = null;
        int nice = 0, priority = 0;
        string[] flags = [];
        ulong runtime = 0, deadline = 0, period = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("policy"u8)) { policy = json.NextText(); }
            else if (json.ValueTextEquals("nice"u8)) { nice = json.NextInt().Required(); }
            else if (json.ValueTextEquals("priority"u8)) { priority = json.NextInt().Required(); }
            else if (json.ValueTextEquals("flags"u8)) { flags = json.NextTexts(); }
            else if (json.ValueTextEquals("runtime"u8)) { runtime = json.NextUnsigned().Required(); }
            else if (json.ValueTextEquals("deadline"u8)) { deadline = json.NextUnsigned().Required(); }
            else if (json.ValueTextEquals("period"u8)) { period = json.NextUnsigned().Required(); }
            else { json.SkipValue(); }
        }

        return new OciScheduler(policy!) { Nice = nice, Priority = priority, Flags = flags, Runtime = runtime, Deadline = deadline, Period = period };
    }

    private static OciIoPriority IoPriority(ref Utf8JsonReader json)
    {
        string? name = null;
        int priority = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("class"u8)) { name = json.NextText(); }
            else if (json.ValueTextEquals("priority"u8)) { priority = json.NextInt().Required(); }
            else { json.SkipValue(); }
        }

        return new OciIoPriority(name!, priority);
    }

    private static OciCpuAffinity CpuAffinity(ref Utf8JsonReader json)
    {
        string? initial = null, final = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("initial"u8)) { initial = json.NextText(); }
            else if (json.ValueTextEquals("final"u8)) { final = json.NextText(); }
            else { json.SkipValue(); }
        }

        return new OciCpuAffinity { Initial = initial, Final = final };
    }

    private static OciUser User(ref Utf8JsonReader json)
    {
        uint uid = 0, gid = 0;
        uint? umask = null;
        List<uint> groups = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("uid"u8)) { uid = json.NextUInt().Required(); }
            else if (json.ValueTextEquals("gid"u8)) { gid = json.NextUInt().Required(); }
            else if (json.ValueTextEquals("umask"u8)) { umask = json.NextUInt(); }
            else if (json.ValueTextEquals("additionalGids"u8))
            {
                groups.Clear();
                for (bool inside = json.NextArray(); inside && json.NextItem();)
                {
                    groups.Add(json.GetUInt32());
                }
            }
            else { json.SkipValue(); }
        }

        return new OciUser(uid, gid) { Umask = umask, AdditionalGids = [.. groups] };
    }
}
