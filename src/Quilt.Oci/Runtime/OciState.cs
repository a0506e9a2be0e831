namespace Quilt.Oci;

/// <summary>What <c>state</c> prints and hooks read on stdin.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#state"/>
/// <param name="Status"><c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c>.</param>
public sealed record OciState(string OciVersion, string Id, string Status, int Pid, string Bundle)
{
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? new Dictionary<string, string>(); init; }
}
