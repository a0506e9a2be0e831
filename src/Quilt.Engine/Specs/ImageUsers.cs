using System.Collections.Concurrent;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>Whom a user's text means in an image. Each answer is looked up once.</summary>
internal sealed class ImageUsers
{
    private const int Most = 1024;
    private readonly ConcurrentDictionary<(Digest Image, string User), ImageUser> _known = new();

    /// <exception cref="QuiltException">InvalidArgument: the image has no such user or group.</exception>
    internal ImageUser Find(ImageRoot image, string user)
    {
        if (_known.TryGetValue((image.Digest, user), out ImageUser? known))
        {
            return known;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        return _known[(image.Digest, user)] = UserLookup.Find(image.LayerFolders, user);
    }

    /// <summary>Their files have changed: they were damaged.</summary>
    internal void Forget(IReadOnlyCollection<Digest> images)
    {
        foreach ((Digest Image, string User) key in _known.Keys.Where(k => images.Contains(k.Image)))
        {
            _known.TryRemove(key, out _);
        }
    }
}
