using Quilt.Core;
using Quilt.Images;

namespace Quilt.Aria;

/// <summary>Tells a call's listener how far a copy is.</summary>
internal sealed class CopyTelling(IProgress<ToolProgress> to) : IProgress<CopyProgress>
{
    internal static CopyTelling? To(IProgress<ToolProgress>? listener) => listener is null ? null : new CopyTelling(listener);

    public void Report(CopyProgress value) => to.Report(new ToolProgress(value.Bytes, null, $"{value.Entries} entries, {new ByteSize(value.Bytes)} copied"));
}
