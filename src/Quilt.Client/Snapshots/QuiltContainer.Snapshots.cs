using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    /// <summary>Keeps its files as they are now. It runs on.</summary>
    /// <exception cref="QuiltException">Already exists: there is a snapshot of that name.</exception>
    public async Task<SnapshotInfo> SnapshotAsync(string name, CancellationToken cancellationToken = default) =>
        (await ToolAsync("snapshotContainer", new SnapshotRequest(Id, name), ClientJson.Default.SnapshotRequest, ClientJson.Default.SnapshotAnswer, cancellationToken).ConfigureAwait(false)).Snapshot;

    /// <summary>Gives it the files of a snapshot again; what it has written since is gone.</summary>
    /// <param name="snapshot">Its name or id.</param>
    /// <param name="force">Also where it runs: it is stopped, and started again.</param>
    /// <exception cref="QuiltException">Not found: the snapshot; failed precondition: it runs.</exception>
    public async Task RestoreAsync(string snapshot, bool force = false, CancellationToken cancellationToken = default)
    {
        await ToolAsync("restoreContainer", new RestoreRequest(Id, snapshot, force), ClientJson.Default.RestoreRequest, ClientJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes containers whose files are this one's as they are now; each goes its own way from there.</summary>
    /// <exception cref="QuiltException">Already exists: a name is taken; resource exhausted: a limit. None is made then.</exception>
    public async Task<IReadOnlyList<QuiltContainer>> ForkAsync(ForkOptions? options = null, CancellationToken cancellationToken = default)
    {
        ForkOptions wanted = options ?? new ForkOptions();
        ForkRequest request = new(Id, wanted.Count, wanted.CopyNetworks, StrategyNames.Of(wanted.Strategy))
        {
            Name = wanted.Name,
            Start = wanted.Start,
            TaskId = wanted.Task,
            Ttl = wanted.TimeToLive is { } ttl ? DurationText.Format(ttl) : null,
        };
        ForkAnswer answer = await ToolAsync("forkContainer", request, ClientJson.Default.ForkRequest, ClientJson.Default.ForkAnswer, cancellationToken).ConfigureAwait(false);
        List<QuiltContainer> forks = [];
        foreach (ForkedContainer fork in answer.Containers)
        {
            Wire.Container found = await _calls.UnaryAsync(o => _calls.Service.GetContainerAsync(new Wire.ContainerRequest { Container = fork.Id }, o), cancellationToken).ConfigureAwait(false);
            forks.Add(new QuiltContainer(_calls, ContainerInfo.Of(found), wanted.RemoveOnDispose, answer.Warnings));
        }

        return forks;
    }

    private async Task<TAnswer> ToolAsync<TRequest, TAnswer>(string name, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        (await _calls.ToolAsync(name, JsonSerializer.SerializeToElement(request, requestType), null, cancellation).ConfigureAwait(false)).Deserialize(answerType)!;
}
