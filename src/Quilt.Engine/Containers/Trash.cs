using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>Where removed containers' and volumes' folders go: out of the way at once, and deleted while nobody waits, however much is in them.</summary>
internal sealed partial class Trash : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ILogger<Trash> _logger;
    private readonly Channel<(string Path, TaskCompletionSource? Done)> _waiting = Channel.CreateUnbounded<(string, TaskCompletionSource?)>();
    private readonly Task _emptying;

    /// <summary>What an earlier engine left in it goes too.</summary>
    internal Trash(string folder, ILogger<Trash> logger)
    {
        (_folder, _logger) = (folder, logger);
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
        _waiting.Writer.TryWrite((target, done));
        return done.Task;
    }

    /// <summary>Returns when all is deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _emptying.ConfigureAwait(false);
    }

    private async Task EmptyAsync()
    {
        await foreach ((string path, TaskCompletionSource? done) in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotDeleted(e, path);
            }

            done?.SetResult();
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Path} could not be deleted; the next start tries again")]
    private partial void LogNotDeleted(Exception failure, string path);
}
