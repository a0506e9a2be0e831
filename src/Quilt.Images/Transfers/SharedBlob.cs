using System.Globalization;
using System.Text;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>
/// A blob on its way from one origin. All who want it from there share what has come; from elsewhere it comes by itself: how fast
/// it comes there, and what is given for it, harms nobody here.
/// </summary>
/// <param name="Key">What is locked while it comes, and the name of what has come.</param>
internal readonly record struct SharedBlob(Descriptor Descriptor, Digest Key)
{
    internal static SharedBlob Of(Descriptor blob, string origin) =>
        new(blob, Digest.Compute(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{origin} {blob.Digest} {blob.Size}"))));

    /// <summary>What is locked while a layer is unpacked of what comes: nobody waits for blobs that he does not bring himself.</summary>
    /// <param name="blobs">Of the layer and those below it.</param>
    internal static Digest KeyOf(Digest chainId, IEnumerable<SharedBlob> blobs) =>
        Digest.Compute(Encoding.UTF8.GetBytes($"{chainId} {string.Join(' ', blobs.Select(b => b.Key))}"));
}
