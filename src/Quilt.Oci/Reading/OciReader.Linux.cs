using System.Text.Json;

namespace Quilt.Oci.Reading;

public static partial class OciReader
{
    private static OciLinux Linux(ref Utf8JsonReader json, ReadOnlyMemory<byte> document)
    {
        OciNamespace[] namespaces = [];
        OciIdMapping[] uids = [], gids = [];
        Dictionary<string, OciTimeOffset>? offsets = null;
        OciDevice[] devices = [];
        string? cgroupsPath = null, propagation = null, mountLabel = null;
        OciResources? resources = null;
        OciIntelRdt? rdt = null;
        Dictionary<string, string>? sysctl = null;
        ReadOnlyMemory<byte> seccomp = default;
        string[] masked = [], readOnly = [];
        OciPersonality? personality = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("namespaces"u8)) { namespaces = json.NextItems(Namespace); }
            else if (json.ValueTextEquals("uidMappings"u8)) { uids = json.NextItems(IdMapping); }
            else if (json.ValueTextEquals("gidMappings"u8)) { gids = json.NextItems(IdMapping); }
            else if (json.ValueTextEquals("timeOffsets"u8)) { offsets = TimeOffsets(ref json); }
            else if (json.ValueTextEquals("devices"u8)) { devices = json.NextItems(Device); }
            else if (json.ValueTextEquals("cgroupsPath"u8)) { cgroupsPath = json.NextText(); }
            else if (json.ValueTextEquals("resources"u8)) { resources = json.NextObject() ? Resources(ref json) : null; }
            else if (json.ValueTextEquals("intelRdt"u8)) { rdt = json.NextObject() ? IntelRdt(ref json) : null; }
            else if (json.ValueTextEquals("sysctl"u8)) { sysctl = json.NextTextsByName(); }
            else if (json.ValueTextEquals("seccomp"u8)) { seccomp = Part(ref json, document); }
            else if (json.ValueTextEquals("rootfsPropagation"u8)) { propagation = json.NextText(); }
            else if (json.ValueTextEquals("maskedPaths"u8)) { masked = json.NextTexts(); }
            else if (json.ValueTextEquals("readonlyPaths"u8)) { readOnly = json.NextTexts(); }
            else if (json.ValueTextEquals("mountLabel"u8)) { mountLabel = json.NextText(); }
            else if (json.ValueTextEquals("personality"u8)) { personality = json.NextObject() ? Personality(ref json) : null; }
            else { json.SkipValue(); }
        }

        return new OciLinux
        {
            Namespaces = namespaces,
            UidMappings = uids,
            GidMappings = gids,
            TimeOffsets = offsets!,
            Devices = devices,
            CgroupsPath = cgroupsPath,
            Resources = resources,
            IntelRdt = rdt,
            Sysctl = sysctl!,
            SeccompText = seccomp,
            RootfsPropagation = propagation,
            MaskedPaths = masked,
            ReadonlyPaths = readOnly,
            MountLabel = mountLabel,
            Personality = personality,
        };
    }

    /// <summary>The next value's own text; empty where it is null.</summary>
    private static ReadOnlyMemory<byte> Part(ref Utf8JsonReader json, ReadOnlyMemory<byte> document)
    {
        if (!json.NextObject())
        {
            return default;
        }

        int start = (int)json.TokenStartIndex;
        json.Skip();
        return document[start..(int)json.BytesConsumed];
    }

    private static OciNamespace Namespace(ref Utf8JsonReader json)
    {
        string? type = null, path = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("type"u8)) { type = json.NextText(); }
            else if (json.ValueTextEquals("path"u8)) { path = json.NextText(); }
            else { json.SkipValue(); }
        }

        return new OciNamespace(type!, path);
    }

    private static OciIdMapping IdMapping(ref Utf8JsonReader json)
    {
        uint container = 0, host = 0, size = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("containerID"u8)) { container = json.NextUInt().Required(); }
            else if (json.ValueTextEquals("hostID"u8)) { host = json.NextUInt().Required(); }
            else if (json.ValueTextEquals("size"u8)) { size = json.NextUInt().Required(); }
            else { json.SkipValue(); }
        }

        return new OciIdMapping(container, host, size);
    }

    private static Dictionary<string, OciTimeOffset> TimeOffsets(ref Utf8JsonReader json)
    {
        Dictionary<string, OciTimeOffset> offsets = new(StringComparer.Ordinal);
        for (bool inside = json.NextObject(); inside && json.NextName();)
        {
            string clock = json.GetString()!;
            long seconds = 0;
            uint nanoseconds = 0;
            for (bool entered = json.NextObject() ? true : throw new JsonException(); entered && json.NextName();)
            {
                if (json.ValueTextEquals("secs"u8)) { seconds = json.NextNumber().Required(); }
                else if (json.ValueTextEquals("nanosecs"u8)) { nanoseconds = json.NextUInt().Required(); }
                else { json.SkipValue(); }
            }

            offsets[clock] = new OciTimeOffset(seconds, nanoseconds);
        }

        return offsets;
    }

    private static OciDevice Device(ref Utf8JsonReader json)
    {
        string? type = null, path = null;
        long major = 0, minor = 0;
        uint? mode = null, uid = null, gid = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("type"u8)) { type = json.NextText(); }
            else if (json.ValueTextEquals("path"u8)) { path = json.NextText(); }
            else if (json.ValueTextEquals("major"u8)) { major = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("minor"u8)) { minor = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("fileMode"u8)) { mode = json.NextUInt(); }
            else if (json.ValueTextEquals("uid"u8)) { uid = json.NextUInt(); }
            else if (json.ValueTextEquals("gid"u8)) { gid = json.NextUInt(); }
            else { json.SkipValue(); }
        }

        return new OciDevice(type!, path!) { Major = major, Minor = minor, FileMode = mode, Uid = uid, Gid = gid };
    }

    private static OciIntelRdt IntelRdt(ref Utf8JsonReader json)
    {
        string? id = null, cache = null, bandwidth = null;
        bool cmt = false, mbm = false;
        while (json.NextName())
        {
            if (json.ValueTextEquals("closID"u8)) { id = json.NextText(); }
            else if (json.ValueTextEquals("l3CacheSchema"u8)) { cache = json.NextText(); }
            else if (json.ValueTextEquals("memBwSchema"u8)) { bandwidth = json.NextText(); }
            else if (json.ValueTextEquals("enableCMT"u8)) { cmt = json.NextFlag(); }
            else if (json.ValueTextEquals("enableMBM"u8)) { mbm = json.NextFlag(); }
            else { json.SkipValue(); }
        }

        return new OciIntelRdt { ClosId = id, L3CacheSchema = cache, MemBwSchema = bandwidth, EnableCmt = cmt, EnableMbm = mbm };
    }

    private static OciPersonality Personality(ref Utf8JsonReader json)
    {
        string? domain = null;
        string[] flags = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("domain"u8)) { domain = json.NextText(); }
            else if (json.ValueTextEquals("flags"u8)) { flags = json.NextTexts(); }
            else { json.SkipValue(); }
        }

        return new OciPersonality(domain!) { Flags = flags };
    }
}
