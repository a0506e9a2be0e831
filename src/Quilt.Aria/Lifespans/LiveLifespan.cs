using Quilt.Core;

namespace Quilt.Aria;

/// <summary>A session or task as this process knows it: its record, who is just making something in it, and its clock.</summary>
internal sealed class LiveLifespan(Lifespan record)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Lifespan _record = record;
    private int _inside, _calls;

    internal Lifespan Record => _record;

    /// <summary>Fires at its deadline.</summary>
    internal Alarm? Clock { get; set; }

    /// <summary>Its end, once that has begun; done when all of it is gone.</summary>
    internal Task? End { get; set; }

    /// <summary>Something is called in it: it is not idle.</summary>
    internal bool IsInUse => Volatile.Read(ref _calls) > 0;

    internal void BeginCall() => Interlocked.Increment(ref _calls);

    internal void EndCall() => Interlocked.Decrement(ref _calls);

    /// <returns>False where it takes nothing new: it ends, or has ended.</returns>
    internal bool TryEnter()
    {
        lock (_lock)
        {
            if (!_record.IsOpen)
            {
                return false;
            }

            _inside++;
            return true;
        }
    }

    internal void Leave()
    {
        lock (_lock)
        {
            _inside--;
            TellIfEmpty();
        }
    }

    /// <param name="change">Null where nothing is to change.</param>
    /// <param name="write">Makes the new record last; what it throws leaves the old one.</param>
    internal bool Change(Func<Lifespan, Lifespan?> change, Action<Lifespan> write)
    {
        lock (_lock)
        {
            if (change(_record) is not { } changed)
            {
                return false;
            }

            write(changed);
            _record = changed;
            TellIfEmpty();
            return true;
        }
    }

    /// <summary>It takes nothing new, and what was just being made in it is made.</summary>
    internal Task WhenEmpty
    {
        get
        {
            lock (_lock)
            {
                TellIfEmpty(); // one that was read as ending has never changed
                return _empty.Task;
            }
        }
    }

    private void TellIfEmpty()
    {
        if (!_record.IsOpen && _inside == 0)
        {
            _empty.TrySetResult();
        }
    }
}
