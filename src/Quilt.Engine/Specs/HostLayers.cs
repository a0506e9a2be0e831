using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Network;

namespace Quilt.Engine;

/// <summary>
/// What every container finds in its root, whatever its image: a layer above the image's own, below what the container writes, so that
/// it may change it. Its folders are as the image has them, so that they show, and are copied up, as the image's.
/// </summary>
internal sealed class HostLayers
{
    private const uint OwnerOnly = 0x1C0, UsualFile = 0x1A4; // 0700, 0644

    /// <summary>Whom a container asks for names, once it has a link; before, nobody is there (resolv.conf(5)).</summary>
    private static readonly byte[] ResolverSettings = Encoding.ASCII.GetBytes($"nameserver {Wiring.NameServer}\n");
    private readonly ConcurrentDictionary<Digest, string> _made = new();
    private readonly Lock _trimming = new();
    private readonly string _folder;
    private readonly Trash _trash;

    /// <param name="folder">What a daemon left half made in it goes.</param>
    /// <param name="trash">Where what fails half-way goes.</param>
    internal HostLayers(string folder, Trash trash)
    {
        (_folder, _trash) = (folder, trash);
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.EnumerateDirectories(folder).Where(p => DigestOf(p) is null))
        {
            FolderRemoval.Remove(path);
        }
    }

    /// <returns>The folder of an image's; one for all its containers.</returns>
    internal string For(ImageRoot image) => _made.GetOrAdd(image.Digest, _ =>
    {
        string made = Path.Combine(_folder, image.Digest.Hex);
        if (!Directory.Exists(made))
        {
            string temporary = $"{made}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
            try
            {
                Make(temporary, image);
                Directory.Move(temporary, made);
            }
            catch (IOException) when (Directory.Exists(made))
            {
                _trash.Throw(temporary); // somebody else was faster
            }
            catch
            {
                _trash.Throw(temporary);
                throw;
            }
        }

        return made;
    });

    /// <summary>One of a single container's, in its own folder.</summary>
    internal static string MakeIn(string containerFolder, ImageRoot image)
    {
        string made = Path.Combine(containerFolder, "host-layer");
        if (!Directory.Exists(made))
        {
            Make(made, image);
        }

        return made;
    }

    /// <summary>Takes away what no image needs any more.</summary>
    /// <param name="used">Images that containers are, or can be, made of.</param>
    internal void Trim(IReadOnlySet<Digest> used)
    {
        lock (_trimming)
        {
            foreach (Digest gone in _made.Keys.Where(d => !used.Contains(d)))
            {
                _made.TryRemove(gone, out _);
            }

            foreach (string path in Directory.EnumerateDirectories(_folder).Where(p => DigestOf(p) is { } digest && !used.Contains(digest)))
            {
                _ = _trash.Throw(path);
            }
        }
    }

    /// <summary>The images were damaged, and so may theirs be; no container is made of them.</summary>
    internal void Forget(IReadOnlyCollection<Digest> images)
    {
        lock (_trimming)
        {
            foreach (Digest image in images)
            {
                _made.TryRemove(image, out _);
                _ = _trash.Throw(Path.Combine(_folder, image.Hex));
            }
        }
    }

    /// <returns>Null: it is none's, but on its way.</returns>
    private static Digest? DigestOf(string path) => Digest.TryParse($"sha256:{Path.GetFileName(path)}", out Digest digest) ? digest : null;

    private static void Make(string path, ImageRoot image)
    {
        Sys.MakeDirectory(path, OwnerOnly);
        string etc = Path.Combine(path, "etc"), settings = Path.Combine(etc, "resolv.conf");
        Sys.MakeDirectory(etc, OwnerOnly);
        File.WriteAllBytes(settings, ResolverSettings);
        File.SetUnixFileMode(settings, (UnixFileMode)UsualFile);
        using ImageTree? tree = image.LayerFolders.Count > 0 ? ImageTree.Open(image.LayerFolders) : null;
        using ImageTreeNode? root = tree?.Root(), own = root?.Child("etc");
        Describe(etc, own is { Kind: FileKind.Folder } ? own : null);
        Describe(path, root);
    }

    /// <param name="like">Null: root's, for all to read.</param>
    private static void Describe(string path, ImageTreeNode? like)
    {
        // As layers are: by the container's own ids.
        ImageCopy copy = new(hostIdBase: 0, CancellationToken.None);
        using FileDescriptor opened = Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory);
        if (like is not null)
        {
            copy.Describe(like, opened);
        }
        else
        {
            copy.Own(opened);
            Sys.SetTimes(opened, default);
        }
    }
}
