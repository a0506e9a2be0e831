namespace Quilt.Core;

/// <summary>Undoes what was acquired, last in first out, unless <see cref="Commit"/> was reached.</summary>
public sealed class Rollback : IAsyncDisposable, IDisposable
{
    private readonly Stack<Func<ValueTask>> _undo = new();

    public void OnFailure(Action undo) => _undo.Push(() =>
    {
        undo();
        return ValueTask.CompletedTask;
    });

    public void OnFailure(Func<ValueTask> undo) => _undo.Push(undo);

    /// <summary>Keeps everything. The last line of the operation.</summary>
    public void Commit() => _undo.Clear();

    /// <summary>Runs every undo even when one fails, so that one stubborn object does not leak the others.</summary>
    /// <exception cref="AggregateException">What the undo steps threw, after all have run.</exception>
    public async ValueTask DisposeAsync()
    {
        List<Exception>? failures = null;
        while (_undo.TryPop(out Func<ValueTask>? undo))
        {
            try
            {
                await undo().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                (failures ??= []).Add(e);
            }
        }

        if (failures is not null)
        {
            throw new AggregateException("rolling back left something behind", failures);
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
