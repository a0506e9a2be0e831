using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Daemon;

/// <summary>Which containers a list shall have.</summary>
internal static class ContainerFilter
{
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static Func<ContainerRecord, bool> Read(ListContainersRequest request)
    {
        HashSet<Api.V1.ContainerState> states = [.. request.States];
        ContainerStrategy? strategy = request.Strategy.Length > 0 ? ContainerSpecReader.Strategy(request.Strategy) : null;
        ImageReference? image = request.Image.Length > 0 ? ImageReference.Parse(request.Image) : null;
        return record =>
        {
            Api.V1.ContainerState state = ContainerMessages.StateOf(record.State);
            bool active = record.IsRunning || state is Api.V1.ContainerState.Creating or Api.V1.ContainerState.Removing;
            return (states.Count > 0 ? states.Contains(state) : request.All || active)
                && (request.Name.Length == 0 || record.Name.Value.Contains(request.Name, StringComparison.Ordinal))
                && (strategy is null || record.Spec.Strategy == strategy)
                && (image is null || record.Spec.Image == image)
                && request.Labels.All(l => record.Spec.Labels.TryGetValue(l.Key, out string? value) && (l.Value.Length == 0 || l.Value == value));
        };
    }
}
