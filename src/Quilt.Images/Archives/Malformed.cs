using Quilt.Core;

namespace Quilt.Images;

/// <summary>What a layer's archive is refused with.</summary>
internal static class Malformed
{
    internal static QuiltException Layer(string why, Exception? inner = null) =>
        new(ErrorCode.InvalidArgument, $"the layer was refused: {why}", "the image is damaged, made wrongly or hostile; get it from elsewhere", "layer", inner);

    internal static QuiltException Entry(string path, string why, Exception? inner = null) => Layer($"entry '{Text.Printable(path)}' {why}", inner);

    internal static QuiltException Limit(string why) =>
        new(ErrorCode.ResourceExhausted, $"the layer was refused: {why}", "get a smaller image, or one that is not made to fill disks", "layer");
}
