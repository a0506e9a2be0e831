using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>
/// Where removed containers' and volumes' folders go: out of the way at once, and deleted while nobody waits, however much is in them. What cannot be
/// deleted, such as while the host has no more descriptors, is tried again, less and less often.
/// </summary>
internal sealed partial class Trash : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ILogger<Trash> _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<(string Path, TaskCompletionSource? Done)> _waiting = Channel.CreateUnbounded<(string, TaskCompletionSource?)>();
    private readonly Task _emptying;

    /// <summary>What an earlier engine left in it goes too.</summary>
    internal Trash(string folder, ILogger<Trash> logger, TimeProvider? time = null)
    {
        (_folder, _logger, _time) = (folder, logger, time ?? TimeProvider.System);
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.EnumerateDirectories(folder))
        {
            _waiting.Writer.TryWrite((left, null));
        }

        _emptying = Task.Run(EmptyAsync);
    }

    /// <summary>Nothing happens where there is no such folder.</summary>
    /// <returns>Done when it is deleted, for who has to have the space.</returns>
    internal Task Throw(string path)
    {
        string target = Path.Combine(_folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        try
        {
            Directory.Move(path, target);
        }
        catch (DirectoryNotFoundException)
        {
            return Task.CompletedTask;
        }
        catch (IOException e) when (e.HResult == (int)Errno.EXDEV)
        {
            target = path; // on a disk of its own: deleted where it is, which nobody looks at any more
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.Writer.TryWrite((target, done)))
        {
            done.SetResult(); // closed: it is the next start's
        }

        return done.Task;
    }

    /// <summary>Returns when all is deleted, also what could not be before; what cannot be now, the next start tries again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _waiting.Writer.Complete();
        await _emptying.ConfigureAwait(false);
        TryDeleteAll();
        _closing.Dispose();
    }

    private async Task EmptyAsync()
    {
        await foreach ((string path, TaskCompletionSource? done) in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (!TryDelete(path))
            {
                _ = TryAgainAsync(path, _closing.Token);
            }

            done?.SetResult();
        }
    }

    private async Task TryAgainAsync(string path, CancellationToken closing)
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), _time);
        while (await pause.WaitAsync(closing).ConfigureAwait(false) && !TryDelete(path))
        {
        }
    }

    private void TryDeleteAll()
    {
        try
        {
            foreach (string left in Directory.EnumerateDirectories(_folder))
            {
                TryDelete(left);
            }
        }
        catch (IOException e)
        {
            LogNotDeleted(e, _folder);
        }
    }

    private bool TryDelete(string path)
    {
        try
        {
            FolderRemoval.Remove(path);
        }
        catch (SyscallException e)
        {
            LogNotDeleted(e, path);
            return false;
        }

        return true;
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Path} could not be deleted, which is tried again")]
    private partial void LogNotDeleted(Exception failure, string path);
}
