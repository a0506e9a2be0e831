using System.Collections.Concurrent;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>
/// Content on its way between a caller and a tool, where a call cannot carry it: archives. Each is the agent's who sent it or asked for
/// it, is taken once, and is gone when nobody has taken it in time. None has a name on the disk, so a daemon's end leaves nothing.
/// </summary>
public sealed class TransferFiles : IDisposable
{
    private const int BufferBytes = 128 << 10;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private readonly Quotas _quotas;
    private readonly string _folder;

    internal TransferFiles(string stateDir, Quotas quotas)
    {
        _quotas = quotas;
        _folder = Path.Combine(stateDir, "transfers");
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(_folder, ownerOnly);
        foreach (string left in Directory.EnumerateFiles(_folder))
        {
            File.Delete(left); // of a daemon that was killed between making and unlinking
        }
    }

    /// <summary>As the grants and the audit know sending content.</summary>
    public static ToolDefinition Upload { get; } = new("upload")
    {
        Title = "Upload content",
        Description = "Sends content that a tool takes by its id.",
    };

    /// <summary>As the grants and the audit know fetching content.</summary>
    public static ToolDefinition Download { get; } = new("download")
    {
        Title = "Download content",
        Description = "Fetches content that a tool's result names.",
    };

    /// <summary>Takes in what a caller sends.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: too much waits, or the disk is full. Nothing is left.</exception>
    public Task<(string Id, long Bytes)> ReceiveAsync(Caller caller, Stream content, CancellationToken cancellation) =>
        OfferAsync(caller, (to, token) => content.CopyToAsync(to, BufferBytes, token), cancellation);

    /// <summary>Keeps what a tool writes until its caller fetches it.</summary>
    /// <exception cref="QuiltException">As <see cref="ReceiveAsync"/>, and what the writer says.</exception>
    internal async Task<(string Id, long Bytes)> OfferAsync(Caller caller, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        TransferFile file = Make(_quotas.EnterTransfer(caller.Agent));

        // In large pieces, however small those are that it is written in: for each all is counted that there is.
        BufferedStream counted = new(new CountedStream(file, file.Place.Grow), BufferBytes);
        try
        {
            await write(counted, cancellation).ConfigureAwait(false);
            await counted.FlushAsync(cancellation).ConfigureAwait(false);
            file.Position = 0;
        }
        catch (Exception e)
        {
            await file.DisposeAsync().ConfigureAwait(false);
            if (DiskFull.Is(e))
            {
                throw Database.DiskFull(e);
            }

            throw;
        }

        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _waiting[id] = new Waiting(file, new Alarm(DateTimeOffset.UtcNow + Kept, () => Drop(id)));
        return (id, file.Place.Bytes);
    }

    /// <summary>Hands it over, once.</summary>
    /// <param name="field">Which argument names it.</param>
    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    public FileStream Take(Caller caller, string id, string field)
    {
        if (_waiting.TryGetValue(id, out Waiting? waiting) && waiting.File.Place.Agent.Id == caller.Agent.Id && _waiting.TryRemove(new(id, waiting)))
        {
            waiting.Expiry.Dispose();
            return waiting.File;
        }

        throw new QuiltException(ErrorCode.NotFound, $"there is no content '{(id.Length > 64 ? id[..64] + "…" : id)}'", "send it anew: each is taken once, within 15 minutes", field);
    }

    public void Dispose()
    {
        foreach (string id in _waiting.Keys)
        {
            Drop(id);
        }
    }

    private void Drop(string id)
    {
        if (_waiting.TryRemove(id, out Waiting? waiting))
        {
            waiting.Expiry.Dispose();
            waiting.File.Dispose();
        }
    }

    private TransferFile Make(TransferPlace place)
    {
        string path = Path.Combine(_folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                BufferSize = BufferBytes,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            TransferFile file = new(path, options, place);
            File.Delete(path);
            return file;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private sealed record Waiting(TransferFile File, Alarm Expiry);
}
