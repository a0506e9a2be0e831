namespace Quilt.Network;

/// <summary>What an edge has carried, in both directions.</summary>
public readonly record struct Traffic(ulong Packets, ulong Bytes)
{
    public static Traffic operator +(Traffic a, Traffic b) => new(a.Packets + b.Packets, a.Bytes + b.Bytes);
}
