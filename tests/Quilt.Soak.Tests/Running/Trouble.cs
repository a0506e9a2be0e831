namespace Quilt.Soak.Tests;

/// <summary>Times in which calls may be refused, and commands fail, for the host has no more of something.</summary>
internal sealed class Trouble
{
    private readonly Lock _lock = new();
    private int _changes;
    private TaskCompletionSource _over = Completed();

    /// <summary>Odd while there is some.</summary>
    internal int Now
    {
        get
        {
            lock (_lock)
            {
                return _changes;
            }
        }
    }

    /// <summary>When it is over, also if there is none.</summary>
    internal Task Over
    {
        get
        {
            lock (_lock)
            {
                return _over.Task;
            }
        }
    }

    /// <summary>Whether there was some at any time since <see cref="Now"/> was as told.</summary>
    internal bool Since(int then) => then % 2 == 1 || Now != then;

    internal void Begin()
    {
        lock (_lock)
        {
            _changes++;
            _over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    internal void End()
    {
        lock (_lock)
        {
            _changes++;
            _over.SetResult();
        }
    }

    private static TaskCompletionSource Completed()
    {
        TaskCompletionSource source = new();
        source.SetResult();
        return source;
    }
}
