using Quilt.Core;

namespace Quilt.Images;

/// <summary>What a layer's archive is refused with.</summary>
internal static class Malformed
{
    private const string OfLayer = "the layer was refused: ", Field = "layer";

    internal static QuiltException Layer(string why, Exception? inner = null) =>
        new(ErrorCode.InvalidArgument, $"{OfLayer}{why}", "the image is damaged, made wrongly or hostile; get it from elsewhere", Field, inner);

    internal static QuiltException Entry(string path, string why, Exception? inner = null) => Layer($"entry '{Text.Printable(path)}' {why}", inner);

    internal static QuiltException Limit(string why) =>
        new(ErrorCode.ResourceExhausted, $"{OfLayer}{why}", "get a smaller image, or one that is not made to fill disks", Field);

    internal static bool IsOfLayer(QuiltException e) => e.Field == Field && e.Message.StartsWith(OfLayer, StringComparison.Ordinal);

    /// <summary>The same of an archive that somebody copies, and that is no layer.</summary>
    internal static QuiltException AsArchive(QuiltException e) =>
        new(e.Code, $"the archive was refused: {e.Message[OfLayer.Length..]}", "it is damaged, made wrongly or hostile; make it anew with tar", "archive", e);
}
