using System.Collections.Concurrent;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Keeps all that it is told, as it is told: <see cref="Progress{T}"/> tells it later.</summary>
internal sealed class Progress : IProgress<TransferProgress>
{
    private readonly ConcurrentQueue<TransferProgress> _told = new();

    public void Report(TransferProgress value) => _told.Enqueue(value);

    public (TransferStage, long) Last(Digest blob) => _told.Where(t => t.Blob.Digest == blob).Select(t => (t.Stage, t.Bytes)).Last();
}
