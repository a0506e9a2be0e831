using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record GetDiskUsageResult
{
    public required IReadOnlyList<DiskUsageView> Items { get; init; }
}

public sealed record DiskUsageView
{
    [Description("images, containers, volumes, snapshots or build cache.")]
    public required string What { get; init; }
    public required int Count { get; init; }

    [Description("How many of them are in use: images that containers are made of, containers that run, volumes that containers have, snapshots that containers stand on.")]
    public required int InUse { get; init; }
    public required long Bytes { get; init; }

    [Description("So much would be free without those that are not in use.")]
    public required long ReclaimableBytes { get; init; }
}

/// <summary>What takes space.</summary>
public sealed class GetDiskUsageTool(ContainerEngine engine) : Tool<NoArguments, GetDiskUsageResult>
{
    public override ToolDefinition Definition { get; } = new("getDiskUsage")
    {
        Title = "Tell the disk usage",
        Description = "How much space your images, what your containers have written (their image's volumes included), your volumes (those in memory left out), your snapshots, and what builds keep for the next one take on the disk, and how much of it could be had back.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetDiskUsageResult> RunAsync(NoArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        StoreUsage usage = await engine.ImageBytesAsync(context.Caller.Agent.Id, cancellation).ConfigureAwait(false);
        ContainerRecord[] containers = [.. engine.All().Where(context.Caller.Has)];
        HashSet<Digest> used = [.. engine.All().Select(c => c.ImageDigest), .. engine.Snapshots().Select(s => s.ImageDigest)];
        ImageUsage[] images = [.. usage.Images.Where(i => i.Names.Count == 0 ? context.Caller.Agent.IsOperator : i.Names.Any(n => ImageAccess.Allows(context.Caller.Agent, n)))];
        IReadOnlyDictionary<ContainerId, long> written = await engine.WrittenBytesAsync([.. containers.Select(c => c.Id)], context.Caller.Agent.Id, cancellation).ConfigureAwait(false);
        Volume[] volumes = [.. engine.Volumes.Where(v => context.Caller.Has(v.Owner) && !v.InMemory)];
        Dictionary<string, long> held = [];
        foreach (Volume volume in volumes)
        {
            held[volume.Id] = await engine.VolumeBytesAsync(volume, context.Caller.Agent.Id, cancellation).ConfigureAwait(false);
        }

        bool IsUsed(Volume volume) => engine.UsersOfVolume(volume.Id).Count > 0;
        SnapshotRecord[] snapshots = [.. engine.Snapshots().Where(s => context.Caller.Has(s.Agent))];
        HashSet<string> stoodOn = [.. engine.All().SelectMany(c => engine.LineageOf(c.Snapshot)).Select(s => s.Id)];
        long cache = usage.UnreferencedBytes + await engine.CacheMountBytesAsync(cancellation).ConfigureAwait(false);
        return new GetDiskUsageResult
        {
            Items =
            [
                new DiskUsageView
                {
                    What = "images",
                    Count = images.Length,
                    InUse = images.Count(i => used.Contains(i.Manifest)),
                    Bytes = images.Sum(i => i.UniqueBytes) + (images.Length > 0 ? usage.BlobBytes + usage.LayerBytes - usage.UnreferencedBytes - usage.Images.Sum(i => i.UniqueBytes) : 0),
                    ReclaimableBytes = images.Where(i => !used.Contains(i.Manifest) && !i.Names.Contains(ImageStore.Embedded)).Sum(i => i.UniqueBytes),
                },
                new DiskUsageView
                {
                    What = "containers",
                    Count = containers.Length,
                    InUse = containers.Count(c => c.IsRunning),
                    Bytes = written.Values.Sum(),
                    ReclaimableBytes = containers.Where(c => !c.IsRunning).Sum(c => written.GetValueOrDefault(c.Id)),
                },
                new DiskUsageView
                {
                    What = "volumes",
                    Count = volumes.Length,
                    InUse = volumes.Count(IsUsed),
                    Bytes = held.Values.Sum(),
                    ReclaimableBytes = volumes.Where(v => !IsUsed(v)).Sum(v => held[v.Id]),
                },
                new DiskUsageView
                {
                    What = "snapshots",
                    Count = snapshots.Length,
                    InUse = snapshots.Count(s => stoodOn.Contains(s.Id)),
                    Bytes = snapshots.Sum(s => s.SizeBytes + s.VolumeBytes),
                    ReclaimableBytes = snapshots.Where(s => !stoodOn.Contains(s.Id)).Sum(s => s.SizeBytes + s.VolumeBytes),
                },
                .. context.Caller.Agent.IsOperator ? (DiskUsageView[])[new DiskUsageView { What = "build cache", Count = cache > 0 ? 1 : 0, InUse = 0, Bytes = cache, ReclaimableBytes = cache }] : [],
            ],
        };
    }
}
