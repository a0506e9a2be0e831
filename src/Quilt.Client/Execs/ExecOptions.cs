using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>How a command is run in a container. What is not set is the container's.</summary>
public sealed record ExecOptions
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Name or id, and after a colon the group's.</summary>
    public string? User { get; init; }

    /// <summary>It is killed after this time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The whole of its stdin; not for a streamed one, which takes a stream.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>How much of each stream comes back, its head and tail, in bytes, at most 1 MiB; 0 for the default, 64 KiB. A streamed one brings all.</summary>
    public long OutputLimitBytes { get; init; }

    internal Wire.ExecRequest ToWire(string container, IReadOnlyList<string> command)
    {
        Wire.ExecRequest request = new()
        {
            Container = container,
            WorkingDir = WorkingDirectory ?? "",
            User = User ?? "",
            Timeout = Timeout?.ToDuration(),
            Stdin = UnsafeByteOperations.UnsafeWrap(Input),
            OutputLimitBytes = OutputLimitBytes,
        };
        request.Command.AddRange(command);
        request.Env.Add(Environment.ToDictionary());
        return request;
    }

    /// <summary>An environment may hold secrets.</summary>
    public override string ToString() => $"in {WorkingDirectory ?? "its folder"} as {User ?? "its user"}";
}
