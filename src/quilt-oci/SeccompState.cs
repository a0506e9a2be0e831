using System.Text;
using Quilt.Oci;
using Quilt.Oci.Writing;

namespace Quilt.OciRuntime;

/// <summary>What an agent that decides on system calls gets with the filter's listener.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#containerprocessstate"/>
internal static class SeccompState
{
    internal static byte[] ToJson(OciSpec spec, string id, int pid, string bundle)
    {
        OciState state = new(spec.OciVersion, id, OciContainer.Running, pid, bundle) { Annotations = spec.Annotations };
        JsonText json = new JsonText().Begin().Add("ociVersion", spec.OciVersion);
        json.AddRaw("fds", """["seccompFd"]""").Add("pid", pid);
        if (spec.Linux?.Seccomp?.ListenerMetadata is { Length: > 0 } metadata)
        {
            json.Add("metadata", metadata);
        }

        return Encoding.UTF8.GetBytes(json.AddRaw("state", state.ToJson()).End().ToString());
    }
}
