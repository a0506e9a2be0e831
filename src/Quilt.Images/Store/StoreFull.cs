using Quilt.Core;

namespace Quilt.Images;

/// <summary>What the disk's end means to the store.</summary>
internal static class StoreFull
{
    internal static QuiltException Error(Exception e) =>
        new(ErrorCode.ResourceExhausted, "no space is left for the image", "free space in the state folder, or remove images that nothing uses", inner: e);
}
