using Quilt.Core;

namespace Quilt.Images;

/// <summary>Files and folders that are named by digests; others are not ours.</summary>
internal static class DigestNames
{
    internal static IEnumerable<Digest> In(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            if (TryParse(Path.GetFileName(path), out Digest digest))
            {
                yield return digest;
            }
        }
    }

    internal static bool TryParse(string name, out Digest digest) => Digest.TryParse("sha256:" + name, out digest);
}
