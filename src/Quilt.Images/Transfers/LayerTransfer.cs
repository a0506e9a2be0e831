namespace Quilt.Images;

/// <summary>One layer's blob on its way: between who brings it and who unpacks it.</summary>
internal sealed class LayerTransfer(SharedBlob blob, ProgressMeter meter) : IDisposable
{
    internal SharedBlob Blob => blob;

    internal ProgressMeter Meter => meter;

    /// <summary>It was here before.</summary>
    internal bool IsPresent { get; set; }

    /// <summary>While it comes.</summary>
    internal GrowingBlob? Growing { get; set; }

    /// <summary>Its content may be read, all of it or as it comes.</summary>
    internal TaskCompletionSource<Func<Stream>> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It is whole, verified and in the store.</summary>
    internal TaskCompletionSource Verified { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It and all below it are unpacked and in the store.</summary>
    internal TaskCompletionSource Unpacked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Fail(Exception failure)
    {
        Growing?.Fail(failure);
        Opened.TrySetException(failure);
        Verified.TrySetException(failure);
        Unpacked.TrySetException(failure);
        _ = (Opened.Task.Exception, Verified.Task.Exception, Unpacked.Task.Exception); // nobody may have waited for them
    }

    public void Dispose() => Growing?.Dispose();
}
