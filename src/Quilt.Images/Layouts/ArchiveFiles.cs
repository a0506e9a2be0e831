using System.Globalization;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>A layout that came as an archive: its files by their paths, kept under names of our own until it is disposed.</summary>
internal sealed class ArchiveFiles : ILayoutFiles, IDisposable
{
    private const int BufferBytes = 128 << 10, MostLinks = 8, MostEntries = 100_000, MostNameCharacters = 16 << 20;
    private readonly IngestFolder _ingest;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal), _links = new(StringComparer.Ordinal);
    private long _nameCharacters;

    private ArchiveFiles(IngestFolder ingest) => _ingest = ingest;

    /// <param name="archive">Plain, or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <exception cref="QuiltException">InvalidArgument where it is damaged; ResourceExhausted where it asks for too much.</exception>
    internal static ArchiveFiles Read(Stream archive, string ingestFolder, UnpackLimits limits, SpaceLimit.SpaceShare space, CancellationToken cancellation)
    {
        ArchiveFiles files = new(IngestFolder.Create(ingestFolder));
        try
        {
            using LayerStream stream = new(archive, limits, null, cancellation);
            ArchiveReader reader = new(stream, limits);
            while (reader.Next() is { } entry)
            {
                files.Add(entry, reader, space);
            }

            return files;
        }
        catch (Exception e)
        {
            files.Dispose();
            throw DiskFull.Is(e) ? StoreFull.Error(e) : e;
        }
    }

    public Stream? TryOpen(string path)
    {
        // Old archives link layers that several images have.
        string name = Plain("", path);
        for (int i = 0; i < MostLinks && _links.TryGetValue(name, out string? target); i++)
        {
            name = Plain(name, target);
        }

        return _files.TryGetValue(name, out string? file) ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes) : null;
    }

    public void Dispose() => _ingest.Dispose();

    private void Add(ArchiveEntry entry, ArchiveReader content, SpaceLimit.SpaceShare space)
    {
        _nameCharacters += entry.DisplayPath.Length + entry.LinkTarget.Length;
        if (_files.Count + _links.Count >= MostEntries || _nameCharacters > MostNameCharacters)
        {
            throw Malformed.Limit("it has more files than any archive of images");
        }

        switch (entry.Kind)
        {
            case ArchiveEntryKind.File:
                space.Take(content.Left);
                string file = _ingest[_files.Count.ToString(CultureInfo.InvariantCulture)];
                using (FileStream output = new(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    byte[] buffer = new byte[BufferBytes];
                    int count;
                    while ((count = content.Read(buffer)) > 0)
                    {
                        output.Write(buffer, 0, count);
                    }
                }

                if (!_files.TryAdd(entry.DisplayPath, file))
                {
                    throw Malformed.Entry(entry.DisplayPath, "is there twice");
                }

                break;
            case ArchiveEntryKind.SymbolicLink:
                _links[entry.DisplayPath] = entry.LinkTarget;
                break;
            case ArchiveEntryKind.HardLink:
                _links[entry.DisplayPath] = "/" + entry.LinkTarget;
                break;
            default:
                break;
        }
    }

    /// <summary>Where a link leads, seen from its own path; only names of the archive come of it.</summary>
    private static string Plain(string from, string path)
    {
        List<string> names = path.StartsWith('/') ? [] : [.. from.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1)];
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != "."))
        {
            if (name != "..")
            {
                names.Add(name);
            }
            else if (names.Count > 0)
            {
                names.RemoveAt(names.Count - 1);
            }
        }

        return string.Join('/', names);
    }
}
