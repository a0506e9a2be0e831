using System.Text.Json;
using Quilt.Launch;
using Quilt.Oci;
using Quilt.Oci.Reading;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>Does once, while nobody waits, what is slow only the first time: the JSON types' metadata. Then its garbage goes.</summary>
internal static class Warmth
{
    internal static void Prepare()
    {
        OciSpec spec = OciReader.ReadSpec("""{"ociVersion":"1.2.0","process":{"cwd":"/","args":["true"]},"root":{"path":"rootfs"},"linux":{"namespaces":[{"type":"pid"}],"resources":{}}}"""u8.ToArray());
        ShimRequest request = new() { Exec = new ShimExecRequest("-", spec.Process!, false, false, 0, null) };
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(request, ShimJson.Default.ShimRequest), ShimJson.Default.ShimRequest);
        JsonSerializer.SerializeToUtf8Bytes(new ShimResponse { Process = new ProcessRecord(1, 1), StartedAt = default(DateTimeOffset) }, ShimJson.Default.ShimResponse);
        JsonSerializer.SerializeToUtf8Bytes(new ExitRecord(0, 0, false, false, default), ShimJson.Default.ExitRecord);
        OwnMemory.Settle();
    }
}
