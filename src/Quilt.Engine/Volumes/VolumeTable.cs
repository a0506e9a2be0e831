using Quilt.Core;

namespace Quilt.Engine;

/// <summary>The volumes that there are, and who is just about to use one.</summary>
internal sealed class VolumeTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Volume> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    /// <summary>Their names are taken, and nobody finds them yet.</summary>
    private readonly HashSet<Volume> _inMaking = [];

    internal IReadOnlyList<Volume> All()
    {
        lock (_lock)
        {
            return [.. _byId.Values.OrderBy(v => v.CreatedAt)];
        }
    }

    internal Volume? TryGet(string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>One that is made: whoever asks finds it from now on.</summary>
    internal void Add(Volume volume)
    {
        lock (_lock)
        {
            _inMaking.Remove(volume);
            _byId.Add(volume.Id, volume);
        }
    }

    /// <summary>Takes the name of one that is to be made, until <see cref="Add"/> or <see cref="GiveUp"/>.</summary>
    /// <exception cref="QuiltException">AlreadyExists: the name is taken.</exception>
    internal void Reserve(Volume volume)
    {
        lock (_lock)
        {
            if (_byId.Values.Concat(_inMaking).FirstOrDefault(v => v.Owner == volume.Owner && v.Name == volume.Name) is { } taken)
            {
                throw new QuiltException(
                    ErrorCode.AlreadyExists, $"a volume named '{volume.Name}' {(_inMaking.Contains(taken) ? "is just being made" : "exists")}", "choose another name, or remove that volume", "name");
            }

            _inMaking.Add(volume);
        }
    }

    internal void GiveUp(Volume volume)
    {
        lock (_lock)
        {
            _inMaking.Remove(volume);
        }
    }

    /// <param name="requireUnused">Throws where it is in use. Nobody begins to use it meanwhile.</param>
    /// <returns>Null where it is not there any more.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: somebody is just about to use it.</exception>
    internal Volume? Remove(string id, Action<Volume> requireUnused)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out Volume? volume))
            {
                return null;
            }

            requireUnused(volume);
            if (_held.ContainsKey(id))
            {
                throw new QuiltException(ErrorCode.FailedPrecondition, $"the volume '{volume.Name}' is just being used", "try again", "volume");
            }

            _byId.Remove(id);
            return volume;
        }
    }

    /// <summary>Keeps them from being removed, until a container has them.</summary>
    /// <exception cref="QuiltException">NotFound: one is gone.</exception>
    internal IDisposable Hold(IReadOnlyList<string> ids)
    {
        lock (_lock)
        {
            if (ids.FirstOrDefault(id => !_byId.ContainsKey(id)) is { } gone)
            {
                throw NotFound(gone);
            }

            foreach (string id in ids)
            {
                _held[id] = _held.GetValueOrDefault(id) + 1;
            }
        }

        return new Held(this, ids);
    }

    internal static QuiltException NotFound(string key) => new(
        ErrorCode.NotFound, $"there is no volume '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the volumes for their names and ids, or create one", "volume");

    private sealed class Held(VolumeTable table, IReadOnlyList<string> ids) : IDisposable
    {
        public void Dispose()
        {
            lock (table._lock)
            {
                foreach (string id in ids)
                {
                    if (--table._held[id] == 0)
                    {
                        table._held.Remove(id);
                    }
                }
            }
        }
    }
}
