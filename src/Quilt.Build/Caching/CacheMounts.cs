using System.Globalization;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Folders that outlive a build, for <c>RUN --mount=type=cache</c>. Safe for use by many builds.</summary>
internal sealed class CacheMounts
{
    private readonly string _folder;
    private readonly Lock _lock = new();

    /// <summary>Of caches that one at a time may use, by name; and of folders while they are filled or removed, which takes as long as they are large.</summary>
    private readonly KeyedLocks<string> _locked = new(), _changing = new();
    private readonly Dictionary<string, int> _users = [];

    internal CacheMounts(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <param name="name">Of the cache; any text.</param>
    /// <param name="make">Fills a folder that is new. Where it throws, the folder goes again.</param>
    internal async Task<Use> AcquireAsync(string name, CacheSharing sharing, Action<FileDescriptor> make, CancellationToken cancellation)
    {
        string key = Digest.Compute(System.Text.Encoding.UTF8.GetBytes(name)).Hex;
        IDisposable? held = sharing == CacheSharing.Locked ? await _locked.TakeAsync(key, cancellation).ConfigureAwait(false) : null;
        string? folder = null;
        try
        {
            lock (_lock)
            {
                folder = sharing == CacheSharing.Private ? Unused(key) : key;
                _users[folder] = _users.GetValueOrDefault(folder) + 1;
            }

            string path = Path.Combine(_folder, folder);
            using (await _changing.TakeAsync(folder, cancellation).ConfigureAwait(false))
            {
                Make(path, make);
                Directory.SetLastWriteTimeUtc(path, DateTimeOffset.UtcNow.UtcDateTime);
            }

            return new Use(Path.Combine(path, "data"), () => Release(folder, held));
        }
        catch
        {
            Release(folder, held);
            throw;
        }
    }

    /// <summary>Removes what no build uses and was not used since a moment.</summary>
    /// <returns>How many bytes that gave back.</returns>
    internal long Remove(DateTimeOffset unusedSince)
    {
        long bytes = 0;
        foreach (string path in Directory.EnumerateDirectories(_folder))
        {
            string folder = Path.GetFileName(path);
            using IDisposable? alone = _changing.TryTake(folder);
            if (alone is not null && !IsUsed(folder) && Directory.GetLastWriteTimeUtc(path) < unusedSince.UtcDateTime)
            {
                bytes += FolderSize.Of(path);
                FolderRemoval.Remove(path);
            }
        }

        return bytes;
    }

    /// <summary>In bytes, all of them.</summary>
    internal long Size(CancellationToken cancellation) => FolderSize.Of(_folder, cancellation);

    /// <summary>The first of a cache's folders that nobody uses.</summary>
    private string Unused(string key)
    {
        string folder = key;
        for (int i = 1; _users.ContainsKey(folder); i++)
        {
            folder = string.Create(CultureInfo.InvariantCulture, $"{key}-{i}");
        }

        return folder;
    }

    /// <summary>Who comes to use it from now on waits until whoever asks has ended his change.</summary>
    private bool IsUsed(string folder)
    {
        lock (_lock)
        {
            return _users.ContainsKey(folder);
        }
    }

    private static void Make(string path, Action<FileDescriptor> make)
    {
        string data = Path.Combine(path, "data");
        if (Directory.Exists(data))
        {
            return;
        }

        // Whole or not there at all: a crash in the middle leaves a folder that is not 'data'.
        string making = Path.Combine(path, "making");
        Directory.CreateDirectory(path);
        FolderRemoval.Remove(making);
        Directory.CreateDirectory(making);
        using (FileDescriptor opened = Sys.Open(making, OpenMode.ReadOnly | OpenMode.Directory))
        {
            make(opened);
        }

        Directory.Move(making, data);
    }

    private void Release(string? folder, IDisposable? held)
    {
        lock (_lock)
        {
            if (folder is not null && --_users[folder] == 0)
            {
                _users.Remove(folder);
            }
        }

        held?.Dispose();
    }

    /// <summary>A cache in use.</summary>
    internal sealed class Use(string folder, Action release) : IDisposable
    {
        private Action? _release = release;

        /// <summary>Absolute.</summary>
        internal string Folder { get; } = folder;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}

/// <summary>Who may use a cache at once.</summary>
internal enum CacheSharing
{
    /// <summary>Everybody.</summary>
    Shared,

    /// <summary>One; a second gets one of its own.</summary>
    Private,

    /// <summary>One; a second waits.</summary>
    Locked,
}
