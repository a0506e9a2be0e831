using System.Runtime.CompilerServices;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    /// <summary>What its command has written, line by line.</summary>
    public async IAsyncEnumerable<LogEntry> GetLogsAsync(LogQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Wire.GetLogsRequest request = (query ?? new LogQuery()).ToWire(Id);
        await foreach (Wire.LogLine line in _calls.StreamAsync(o => _calls.Service.GetLogs(request, o), null, cancellationToken).ConfigureAwait(false))
        {
            yield return LogEntry.Of(line);
        }
    }

    /// <summary>What it uses of the host at this moment.</summary>
    /// <exception cref="Core.QuiltException">Failed precondition or not found: it does not run.</exception>
    public async Task<ContainerStats> GetStatsAsync(CancellationToken cancellationToken = default)
    {
        Wire.GetStatsRequest request = new() { Containers = { Id } };
        await foreach (Wire.GetStatsResponse reading in _calls.StreamAsync(o => _calls.Service.GetStats(request, o), null, cancellationToken).ConfigureAwait(false))
        {
            if (reading.Stats.Count > 0)
            {
                return ContainerStats.Of(reading.Stats[0], reading.Time);
            }
        }

        throw new Core.QuiltException(Core.ErrorCode.FailedPrecondition, $"there is no reading of {Name}", "start it first");
    }
}
