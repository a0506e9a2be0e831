using Quilt.Core;

namespace Quilt.Images;

/// <summary>What of the store may not be collected because somebody is at work with it: digests of blobs, and chain ids of layers.</summary>
/// <remarks>
/// Held first, looked for afterwards: what is there once it is held stays. While a collection goes on, what is let go counts as
/// held until its end, since the name that keeps it from then on may have come after the collection read the names.
/// </remarks>
internal sealed class LeaseBook
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, int> _held = [];
    private readonly HashSet<Digest> _doomed = [];
    private HashSet<Digest>? _letGo;

    internal void Hold(Digest digest)
    {
        lock (_lock)
        {
            _held[digest] = _held.GetValueOrDefault(digest) + 1;
        }
    }

    internal void Release(IEnumerable<Digest> digests)
    {
        lock (_lock)
        {
            foreach (Digest digest in digests)
            {
                int count = _held[digest] - 1;
                if (count > 0)
                {
                    _held[digest] = count;
                }
                else
                {
                    _held.Remove(digest);
                    _letGo?.Add(digest);
                }
            }
        }
    }

    /// <summary>From now until <see cref="EndCollection"/>; one at a time.</summary>
    internal void BeginCollection()
    {
        lock (_lock)
        {
            _letGo = [];
        }
    }

    internal void EndCollection()
    {
        lock (_lock)
        {
            _letGo = null;
            _doomed.Clear();
        }
    }

    /// <summary>Says of an image that the collection removes it, unless it is held; nobody is to begin with it any more.</summary>
    internal bool TryDoom(Digest manifest)
    {
        lock (_lock)
        {
            if (Keeps(manifest))
            {
                return false;
            }

            _doomed.Add(manifest);
            return true;
        }
    }

    internal bool IsDoomed(Digest manifest)
    {
        lock (_lock)
        {
            return _doomed.Contains(manifest);
        }
    }

    /// <summary>Takes something out of the store unless it is held. Nobody can come to hold it meanwhile, so the removal is to be quick.</summary>
    /// <param name="own">So many hold it who ask.</param>
    internal bool TryTakeOut(Digest digest, Action remove, int own = 0)
    {
        lock (_lock)
        {
            if (Keeps(digest, own))
            {
                return false;
            }

            remove();
            return true;
        }
    }

    private bool Keeps(Digest digest, int own = 0) => _held.GetValueOrDefault(digest) > own || _letGo?.Contains(digest) == true;
}
