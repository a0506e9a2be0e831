using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Oci.Reading;
using Quilt.Oci.Writing;

namespace Quilt.OciRuntime;

/// <summary>What the runtime remembers of a container between its invocations: <c>ROOT/ID/state.json</c>.</summary>
/// <param name="StartTime">Of the process, in clock ticks since boot.</param>
/// <param name="Scope">systemd's unit around the group; null where systemd was not asked for one.</param>
/// <param name="OwnerUid">Who created it.</param>
internal sealed record ContainerRecord(string Id, int Pid, ulong StartTime, string Bundle, string CgroupPath, string? Scope, DateTimeOffset CreatedAt, uint OwnerUid)
{
    internal byte[] ToJson() => new JsonText().Begin()
        .Add("id", Id).Add("pid", Pid).Add("startTime", (long)StartTime).Add("bundle", Bundle).Add("cgroupPath", CgroupPath).Add("scope", Scope ?? "")
        .Add("createdAt", CreatedAt.ToString("O", CultureInfo.InvariantCulture)).Add("ownerUid", OwnerUid).End().ToBytes();

    /// <exception cref="JsonException">It is not a record.</exception>
    internal static ContainerRecord FromJson(ReadOnlySpan<byte> content)
    {
        Utf8JsonReader json = new(content);
        ContainerRecord record = new("", 0, 0, "", "", null, default, 0);
        for (bool inside = json.NextObject(); inside && json.NextName();)
        {
            if (json.ValueTextEquals("id"u8)) { record = record with { Id = json.NextText() }; }
            else if (json.ValueTextEquals("pid"u8)) { record = record with { Pid = json.NextInt().Required() }; }
            else if (json.ValueTextEquals("startTime"u8)) { record = record with { StartTime = json.NextUnsigned().Required() }; }
            else if (json.ValueTextEquals("bundle"u8)) { record = record with { Bundle = json.NextText() }; }
            else if (json.ValueTextEquals("cgroupPath"u8)) { record = record with { CgroupPath = json.NextText() }; }
            else if (json.ValueTextEquals("scope"u8)) { record = record with { Scope = json.NextText() is { Length: > 0 } scope ? scope : null }; }
            else if (json.ValueTextEquals("createdAt"u8)) { record = record with { CreatedAt = DateTimeOffset.Parse(json.NextText(), CultureInfo.InvariantCulture) }; }
            else if (json.ValueTextEquals("ownerUid"u8)) { record = record with { OwnerUid = json.NextUInt().Required() }; }
            else { json.SkipValue(); }
        }

        return record is { Id.Length: > 0, Pid: > 0, CgroupPath.Length: > 0 } ? record : throw new JsonException("it is not whole");
    }
}

/// <summary>A row of <c>list</c>.</summary>
internal sealed record ContainerRow(string Id, int Pid, string Status, string Bundle, DateTimeOffset Created, string Owner);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<ContainerRow>))]
[JsonSerializable(typeof(int[]))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
