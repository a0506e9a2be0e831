using System.Globalization;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>
/// The snapshots that there are: rows, and a folder for each that has files of its own. One without a name goes as soon as nothing
/// stands on it: no container, no snapshot, and nobody at work with it.
/// </summary>
/// <remarks>The row goes before the folder, and comes after it: a folder without a row is what a daemon left that died in the middle.</remarks>
internal sealed class SnapshotStore
{
    private const int ShortestPrefix = 3;
    private const string OfVolumes = ".volumes";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SnapshotRecord> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly Database _database;
    private readonly string _folder;
    private readonly Trash _trash;
    private readonly Func<string, bool> _isUsed;
    private readonly CancellationToken _closing;

    /// <param name="isUsed">Whether a container stands on it.</param>
    /// <param name="closing">Nothing is taken away after that: it is the next start's.</param>
    internal SnapshotStore(Database database, string folder, Trash trash, Func<string, bool> isUsed, CancellationToken closing)
    {
        (_database, _folder, _trash, _isUsed, _closing) = (database, folder, trash, isUsed, closing);
        Directory.CreateDirectory(folder);

        // Forks come and go. Without a journal ext4 passes over each place of a file deleted in the last seconds to make a new one, and they
        // would all lie together: most of the time that a container stands still.
        Sys.SpreadFoldersIn(folder);
        foreach (SnapshotRecord record in SnapshotRows.ReadAll(database))
        {
            _byId.Add(record.Id, record);
        }

        foreach (string strange in Directory.EnumerateDirectories(folder).Where(f => !IsKnown(Path.GetFileName(f))))
        {
            trash.Throw(strange);
        }
    }

    internal string FolderOf(string id) => Path.Combine(_folder, id);

    /// <summary>Beside that, for no layer has them.</summary>
    internal string VolumesFolderOf(string id) => Path.Combine(_folder, id + OfVolumes);

    internal string VolumeFolderOf(string id, int number) => Path.Combine(VolumesFolderOf(id), number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The copy of an image's volume that a snapshot has.</summary>
    /// <param name="id">Null: none.</param>
    /// <param name="path">Of the volume, in the container.</param>
    /// <returns>Null where it has none there.</returns>
    internal string? TryVolumeOf(string? id, string path) =>
        id is not null && TryGet(id) is { VolumesIn: { } holder } record && record.Volumes.ToList().IndexOf(path) is >= 0 and int number
            ? VolumeFolderOf(holder, number)
            : null;

    internal IReadOnlyList<SnapshotRecord> All()
    {
        lock (_lock)
        {
            return [.. _byId.Values];
        }
    }

    internal SnapshotRecord? TryGet(string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>By an id, a name (the agent's own first), or an unambiguous beginning of an id.</summary>
    /// <exception cref="QuiltException">NotFound; InvalidArgument where several are meant.</exception>
    internal SnapshotRecord Find(string key, string agent, Func<SnapshotRecord, bool> mayUse)
    {
        SnapshotRecord[] known = [.. All().Where(s => !s.Pending && mayUse(s))];
        return known.FirstOrDefault(s => s.Id == key)
            ?? known.FirstOrDefault(s => s.Agent == agent && s.Name?.Value == key)
            ?? Only(known.Where(s => s.Name?.Value == key), "have that name")
            ?? (key.Length < ShortestPrefix ? null : Only(known.Where(s => s.Id.StartsWith(key, StringComparison.Ordinal)), "have ids that begin so"))
            ?? throw NotFound(key);

        SnapshotRecord? Only(IEnumerable<SnapshotRecord> found, string what) => found.Take(2).ToArray() switch
        {
            [] => null,
            [var one] => one,
            _ => throw QuiltException.Invalid("snapshot", $"several snapshots {what}: '{key}'", "give the whole id"),
        };
    }

    /// <summary>A snapshot with all that it stands on, nearest first.</summary>
    /// <param name="id">Null: none.</param>
    /// <exception cref="QuiltException">NotFound: one of them is gone.</exception>
    internal IReadOnlyList<SnapshotRecord> Lineage(string? id)
    {
        List<SnapshotRecord> lineage = [];
        lock (_lock)
        {
            for (string? at = id; at is not null; at = lineage[^1].Parent)
            {
                lineage.Add(_byId.GetValueOrDefault(at) ?? throw NotFound(at));
            }
        }

        return lineage;
    }

    /// <summary>The folders that show what a snapshot has, lowest first, for above an image's.</summary>
    internal IReadOnlyList<string> LayersOf(string? id) => [.. Lineage(id).Where(s => s.HasLayer).Select(s => FolderOf(s.Id)).Reverse()];

    /// <summary>Keeps it until that is disposed.</summary>
    /// <exception cref="QuiltException">NotFound.</exception>
    internal IDisposable Hold(string id)
    {
        lock (_lock)
        {
            _ = _byId.GetValueOrDefault(id) ?? throw NotFound(id);
            _held[id] = _held.GetValueOrDefault(id) + 1;
        }

        return new Holding(this, id);
    }

    /// <exception cref="QuiltException">AlreadyExists.</exception>
    internal void RequireFree(string agent, ContainerName name)
    {
        lock (_lock)
        {
            if (_byId.Values.Any(s => s.Agent == agent && s.Name == name))
            {
                throw Taken(name);
            }
        }
    }

    /// <param name="told">Written with it.</param>
    /// <exception cref="QuiltException">AlreadyExists: its agent has one of that name. Nothing has changed.</exception>
    internal void Add(SnapshotRecord record, Action<Database.Writer> told)
    {
        lock (_lock)
        {
            if (record.Name is { } name && _byId.Values.Any(s => s.Agent == record.Agent && s.Name == name))
            {
                throw Taken(name);
            }

            _database.Write(writer =>
            {
                writer.Insert(record);
                told(writer);
            });
            _byId.Add(record.Id, record);
        }
    }

    /// <exception cref="QuiltException">NotFound: somebody was faster.</exception>
    internal SnapshotRecord Change(string id, Func<SnapshotRecord, SnapshotRecord> change, Action<Database.Writer>? told = null)
    {
        lock (_lock)
        {
            SnapshotRecord changed = change(_byId.GetValueOrDefault(id) ?? throw NotFound(id));
            _database.Write(writer =>
            {
                writer.Update(changed);
                told?.Invoke(writer);
            });
            _byId[id] = changed;
            return changed;
        }
    }

    /// <summary>Takes it away where nobody needs it any more, and then what it stood on. On a full disk that is done when there is space.</summary>
    /// <param name="id">Null: none.</param>
    internal void Collect(string? id)
    {
        if (TryCollect(id) is { } left)
        {
            _ = CollectLaterAsync(left);
        }
    }

    private async Task CollectLaterAsync(string? left)
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        while (left is not null && await pause.WaitAsync(_closing).ConfigureAwait(false))
        {
            left = TryCollect(left);
        }
    }

    /// <returns>Where it came to that could not be written down, such as on a full disk; null: nowhere.</returns>
    private string? TryCollect(string? id)
    {
        for (string? next = id; next is not null;)
        {
            SnapshotRecord? gone;
            try
            {
                gone = TryTakeOut(next);
            }
            catch (QuiltException e) when (Database.CannotBeWritten(e))
            {
                return next;
            }

            next = gone?.Parent;
            if (gone is { HasLayer: true })
            {
                _trash.Throw(FolderOf(gone.Id));
            }

            if (gone is not null && gone.VolumesIn == gone.Id)
            {
                _trash.Throw(VolumesFolderOf(gone.Id));
            }
        }

        return null;
    }

    /// <summary>What the daemon before had no time for.</summary>
    internal void CollectAll()
    {
        foreach (SnapshotRecord record in All())
        {
            Collect(record.Id);
        }
    }

    private bool IsKnown(string folder) => folder.EndsWith(OfVolumes, StringComparison.Ordinal) && folder[..^OfVolumes.Length] is var id
        ? _byId.TryGetValue(id, out SnapshotRecord? record) && record.VolumesIn == id
        : _byId.ContainsKey(folder);

    private SnapshotRecord? TryTakeOut(string id)
    {
        lock (_lock)
        {
            if (_byId.GetValueOrDefault(id) is not { Name: null } record || _held.ContainsKey(id) || _byId.Values.Any(s => s.Parent == id) || _isUsed(id))
            {
                return null;
            }

            _database.Write(writer => writer.Delete(record));
            _byId.Remove(id);
            return record;
        }
    }

    private void Release(string id)
    {
        lock (_lock)
        {
            int left = _held[id] - 1;
            if (left > 0)
            {
                _held[id] = left;
            }
            else
            {
                _held.Remove(id);
            }
        }

        Collect(id);
    }

    internal static QuiltException NotFound(string key) => new(
        ErrorCode.NotFound, $"there is no snapshot '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the snapshots for their names and ids", "snapshot");

    private static QuiltException Taken(ContainerName name) =>
        new(ErrorCode.AlreadyExists, $"a snapshot named '{name}' exists", "choose another name, or remove that snapshot", "name");

    private sealed class Holding(SnapshotStore store, string id) : IDisposable
    {
        private SnapshotStore? _store = store;

        public void Dispose() => Interlocked.Exchange(ref _store, null)?.Release(id);
    }
}
