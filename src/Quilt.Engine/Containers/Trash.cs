using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Quilt.Engine;

/// <summary>Where removed containers' folders go: out of the way at once, and deleted while nobody waits, however much is in them.</summary>
internal sealed partial class Trash : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ILogger<Trash> _logger;
    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>();
    private readonly Task _emptying;

    /// <summary>What an earlier engine left in it goes too.</summary>
    internal Trash(string folder, ILogger<Trash> logger)
    {
        (_folder, _logger) = (folder, logger);
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.EnumerateDirectories(folder))
        {
            _waiting.Writer.TryWrite(left);
        }

        _emptying = Task.Run(EmptyAsync);
    }

    /// <summary>Nothing happens where there is no such folder.</summary>
    internal void Throw(string path)
    {
        string target = Path.Combine(_folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        try
        {
            Directory.Move(path, target);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        _waiting.Writer.TryWrite(target);
    }

    /// <summary>Returns when all is deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _emptying.ConfigureAwait(false);
    }

    private async Task EmptyAsync()
    {
        await foreach (string path in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotDeleted(e, path);
            }
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Path} could not be deleted; the next start tries again")]
    private partial void LogNotDeleted(Exception failure, string path);
}
