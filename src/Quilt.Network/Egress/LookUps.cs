using System.Net;
using System.Runtime.InteropServices;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>
/// Look-ups of outside names that are under way. Each costs sockets until a server answers, which may be never: the same name is looked up once for
/// all who wait for it, and of one container so many wait at once. What was found is told to those who wait, and not kept.
/// </summary>
internal sealed class LookUps(Func<string, CancellationToken, Task<IReadOnlyList<IPAddress>>> resolve)
{
    internal const int MostOfOne = 64;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<IReadOnlyList<IPAddress>>> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<ContainerId, int> _waiting = [];

    /// <returns>Null: the container waits for as many as one may.</returns>
    internal async Task<IReadOnlyList<IPAddress>?> AddressesOfAsync(ContainerId container, string name, CancellationToken cancellation)
    {
        Task<IReadOnlyList<IPAddress>>? found;
        lock (_lock)
        {
            if (_waiting.GetValueOrDefault(container) is var waiting && waiting == MostOfOne)
            {
                return null;
            }

            _waiting[container] = waiting + 1;
            if (!_underWay.TryGetValue(name, out found))
            {
                _underWay.Add(name, found = Task.Run(() => LookUpAsync(name, cancellation), CancellationToken.None));
            }
        }

        try
        {
            return await found.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (--CollectionsMarshal.GetValueRefOrNullRef(_waiting, container) == 0)
                {
                    _waiting.Remove(container);
                }
            }
        }
    }

    private async Task<IReadOnlyList<IPAddress>> LookUpAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await resolve(name, cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(name);
            }
        }
    }
}
