using System.Net;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>A blob as it comes. After a cut it goes on where it was, at the same registry and then at the next.</summary>
internal sealed class BlobStream(IReadOnlyList<RepositoryConnection> repositories, Descriptor blob, long offset, TransferPolicy policy, Action<int> counted) : ReadingStream
{
    /// <summary>A connection that brought so much was a good one: the tries are counted anew.</summary>
    private const int Worthwhile = 64 << 10;
    private CancellationTokenSource? _stall;
    private RetryBudget _retries = new(policy, policy.Attempts);
    private HttpResponseMessage? _response;
    private Stream? _body;
    private int _repository;
    private long _position = offset, _openedAt = offset;

    private RepositoryConnection Repository => repositories[_repository];

    /// <summary>Asks for it, so that what is not there is known before the first read.</summary>
    internal async Task BeginAsync(CancellationToken cancellation)
    {
        while (_body is null && _position < blob.Size)
        {
            try
            {
                await OpenAsync(cancellation).ConfigureAwait(false);
            }
            catch (QuiltException)
            {
                if (!TryNext())
                {
                    throw;
                }
            }
            catch (Exception e) when (TransportFailure.Is(e))
            {
                await FailAsync(TransportFailure.Of(e, Repository.Registry), cancellation).ConfigureAwait(false);
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
            Failure failure;
            try
            {
                int count = _body is null ? 0 : await WithinTimeAsync(_body, buffer, cancellationToken).ConfigureAwait(false);
                if (count > 0 || _position == blob.Size)
                {
                    return Count(count);
                }

                failure = new Failure(Truncated(null), MayPass: true);
            }
            catch (Exception e) when (TransportFailure.Is(e) && _position == blob.Size)
            {
                return 0; // it is whole; how the connection ended does not matter
            }
            catch (Exception e) when (TransportFailure.Is(e))
            {
                failure = new Failure(Truncated(e), MayPass: true);
            }

            await FailAsync(failure, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For those who unpack on a thread of their own.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseBody();
            _stall?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int count)
    {
        _position += count;
        counted(count);
        if (_position > blob.Size)
        {
            throw WrongSize("more than that");
        }

        if (_position - _openedAt >= Worthwhile)
        {
            _retries.Renew();
        }

        return count;
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        RegistryRequest request = new(HttpMethod.Get, Repository.Of($"blobs/{blob.Digest}"))
        {
            What = $"the blob {blob.Digest}",
            Scopes = Repository.Scope(),
            From = _position,
        };
        _response = await Repository.SendAsync(request, cancellation).ConfigureAwait(false);
        bool isRange = _response.StatusCode == HttpStatusCode.PartialContent;
        long? whole = isRange ? _response.Content.Headers.ContentRange?.Length : _response.Content.Headers.ContentLength;
        if (whole is { } size && size != blob.Size)
        {
            throw WrongSize($"{size} bytes");
        }

        if (isRange && _response.Content.Headers.ContentRange?.From != _position)
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the registry {Repository.Registry} answered with another part of the blob {blob.Digest} than was asked for", "ask the registry's operator");
        }

        _body = await _response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        _openedAt = _position;
        if (!isRange)
        {
            await SkipAsync(_position, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What is here already comes once more from a server that knows no ranges.</summary>
    private async Task SkipAsync(long count, CancellationToken cancellation)
    {
        byte[] buffer = new byte[(int)Math.Min(count, 64 << 10)];
        while (count > 0)
        {
            int read = await WithinTimeAsync(_body!, buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellation).ConfigureAwait(false);
            count -= read > 0 ? read : throw new IOException("the answer ended early");
        }
    }

    private async ValueTask<int> WithinTimeAsync(Stream body, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_stall is null || !_stall.TryReset())
        {
            _stall?.Dispose();
            _stall = new CancellationTokenSource();
        }

        CancellationTokenSource stall = _stall;
        using CancellationTokenRegistration called = cancellation.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), stall);
        stall.CancelAfter(policy.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {DurationText.Format(policy.StallTimeout)}", e);
        }
        finally
        {
            stall.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private async Task FailAsync(Failure failure, CancellationToken cancellation)
    {
        CloseBody();
        try
        {
            await _retries.SpendAsync(failure, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException)
        {
            if (!TryNext())
            {
                throw;
            }
        }
    }

    /// <summary>Goes on at the next repository, from where this one stopped.</summary>
    private bool TryNext()
    {
        CloseBody();
        if (_repository + 1 == repositories.Count)
        {
            return false;
        }

        _repository++;
        _retries = new RetryBudget(policy, policy.Attempts);
        return true;
    }

    private void CloseBody()
    {
        _response?.Dispose();
        _response = null;
        _body = null;
    }

    private QuiltException Truncated(Exception? why) => new(
        ErrorCode.Unavailable,
        $"the registry {Repository.Registry} gave {_position} of {blob.Size} bytes of the blob {blob.Digest}, and no more in {policy.Attempts} tries" + (why is TimeoutException ? $": {why.Message}" : ""),
        "try again: what came is kept, and the rest is asked for", inner: why);

    private QuiltException WrongSize(string actual) =>
        QuiltException.Invalid("digest", $"the registry {Repository.Registry} has {actual} for the blob {blob.Digest}, whose manifest says {blob.Size} bytes", "the image is damaged there; pull another tag, or ask the registry's operator");
}
