using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What a container has used, at one moment.</summary>
public sealed record ContainerUsage(ContainerRecord Container, CgroupStatistics Statistics);

public sealed partial class ContainerEngine
{
    /// <summary>Of those that run; the others use nothing.</summary>
    /// <param name="ids">Empty: all.</param>
    public IReadOnlyList<ContainerUsage> Usage(IReadOnlyCollection<ContainerId> ids)
    {
        IEnumerable<ContainerRecord> asked = ids.Count > 0 ? ids.Select(Get) : _containers.All().Select(c => c.Record);
        return [.. asked.Where(r => r.IsRunning).OrderBy(r => r.CreatedAt).Select(r => new ContainerUsage(r, GroupOf(r).Statistics()))];
    }
}
