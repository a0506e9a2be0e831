using Quilt.Oci.Writing;

namespace Quilt.Oci;

/// <summary>What <c>state</c> prints and hooks read on stdin.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#state"/>
/// <param name="Status"><c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c>.</param>
public sealed record OciState(string OciVersion, string Id, string Status, int Pid, string Bundle)
{
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>As JSON. A pid of 0 is left out: there is no process.</summary>
    public string ToJson()
    {
        JsonText json = new JsonText().Begin().Add("ociVersion", OciVersion).Add("id", Id).Add("status", Status);
        if (Pid != 0)
        {
            json.Add("pid", Pid);
        }

        json.Add("bundle", Bundle).Begin("annotations");
        foreach ((string name, string value) in Annotations)
        {
            json.Add(name, value);
        }

        return json.End().End().ToString();
    }
}
