using Quilt.Linux;

namespace Quilt.Cognition.Program;

/// <summary>Notices that nobody waits for our answer any more: the reading end of our output is closed.</summary>
internal sealed class CallerWatch : IDisposable
{
    private const int StandardOutput = 1;
    private readonly CancellationTokenSource _gone = new();

    public CallerWatch() => new Thread(Watch) { IsBackground = true, Name = "caller" }.Start();

    public CancellationToken Gone => _gone.Token;

    public void Dispose()
    {
        // The thread waits on, in the background, until the process ends; the source is not disposed under it.
    }

    private void Watch()
    {
        try
        {
            using EventPoll poll = new(1);
            using FileDescriptor output = new(StandardOutput, ownsHandle: false);
            poll.Watch(output, EventKind.None, 0);
            while (poll.Wait(-1) == 0)
            {
                // A signal; wait on.
            }

            _gone.Cancel();
        }
        catch (SyscallException)
        {
            // A file: its reader cannot go.
        }
    }
}
