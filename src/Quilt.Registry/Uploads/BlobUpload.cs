using System.Globalization;
using System.Net;
using Microsoft.Win32.SafeHandles;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>
/// Brings one blob to a repository: not at all where it is there, from another repository of the registry where that has it, else at
/// once or in chunks. After a cut the registry is asked how far it got.
/// </summary>
/// <seealso href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs"/>
internal sealed class BlobUpload(RepositoryConnection repository, Descriptor blob, SafeFileHandle file, TransferPolicy policy, ProgressMeter meter)
{
    private readonly RetryBudget _retries = new(policy, policy.Attempts);
    private long _chunk = policy.ChunkBytes, _sent;

    /// <param name="elsewhere">Another repository of the same registry that may have it; null where none is known.</param>
    /// <returns>How many bytes were sent; 0 where it was there.</returns>
    /// <exception cref="QuiltException">The registry refused, or could not be reached to the end.</exception>
    internal async Task<long> RunAsync(string? elsewhere, CancellationToken cancellation)
    {
        if (await ExistsAsync(cancellation).ConfigureAwait(false))
        {
            meter.Enter(TransferStage.Present, blob.Size);
            return 0;
        }

        meter.Enter(TransferStage.Transferring, 0);
        (Uri Session, long Taken)? at = elsewhere is null
            ? await BeginAsync(cancellation).ConfigureAwait(false)
            : await MountAsync(elsewhere, cancellation).ConfigureAwait(false);
        await UploadAsync(at, cancellation).ConfigureAwait(false);
        meter.Enter(TransferStage.Done, blob.Size);
        return _sent;
    }

    private async Task<bool> ExistsAsync(CancellationToken cancellation)
    {
        RegistryRequest request = Request(HttpMethod.Head, repository.Of($"blobs/{blob.Digest}")) with { MayBeMissing = true };
        using HttpResponseMessage response = await repository.SendAsync(request, cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <returns>Null where the registry had it there and took it; else where to send it.</returns>
    private async Task<(Uri Session, long Taken)?> MountAsync(string elsewhere, CancellationToken cancellation)
    {
        string query = $"?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(elsewhere)}";
        RegistryRequest request = Request(HttpMethod.Post, repository.Of("blobs/uploads/") + query);
        Attempt? attempt = null;
        try
        {
            attempt = await repository.TryAsync(request with { Scopes = $"{request.Scopes} repository:{elsewhere}:pull" }, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException)
        {
            // Who may not read there, or is given no token for both, may yet send it. What is wrong otherwise shows then.
        }

        using HttpResponseMessage? response = attempt?.Response;
        return response?.StatusCode switch
        {
            HttpStatusCode.Created => null,
            HttpStatusCode.Accepted => (await repository.LocationAsync(response, cancellation).ConfigureAwait(false), 0),
            _ => await BeginAsync(cancellation).ConfigureAwait(false),
        };
    }

    private async Task UploadAsync((Uri Session, long Taken)? at, CancellationToken cancellation)
    {
        while (at is var (session, taken))
        {
            bool isLast = taken == blob.Size || (taken == 0 && blob.Size <= _chunk);
            long end = isLast ? blob.Size : Math.Min(taken + _chunk, blob.Size);
            Attempt attempt = await repository.TryAsync(isLast ? Last(session, taken) : Chunk(session, taken, end), cancellation).ConfigureAwait(false);
            if (attempt.Response is null)
            {
                at = await RecoverAsync(attempt.Failure!, session, cancellation).ConfigureAwait(false);
                continue;
            }

            using HttpResponseMessage response = attempt.Response;
            at = isLast ? null : await NextAsync(response, taken, end, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<(Uri Session, long Taken)?> BeginAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage response = await repository.SendAsync(Request(HttpMethod.Post, repository.Of("blobs/uploads/")), cancellation).ConfigureAwait(false);
        if (Header(response, "OCI-Chunk-Min-Length") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long least))
        {
            _chunk = Math.Max(_chunk, least);
        }

        return (await repository.LocationAsync(response, cancellation).ConfigureAwait(false), 0);
    }

    private async Task<(Uri Session, long Taken)?> NextAsync(HttpResponseMessage response, long from, long end, CancellationToken cancellation)
    {
        long taken = Taken(response) ?? end;
        if (taken < from || taken > end)
        {
            throw new QuiltException(
                ErrorCode.Unavailable, $"the registry {repository.Registry} says that it has {taken} bytes of the blob {blob.Digest}, of which {from} to {end} were sent", "try again, or ask the registry's operator");
        }

        if (taken > from)
        {
            _retries.Renew();
        }
        else
        {
            await _retries.SpendAsync(new Failure(new QuiltException(ErrorCode.Unavailable, $"the registry {repository.Registry} takes no more of the blob {blob.Digest}", "try again, or ask the registry's operator"), MayPass: true), cancellation).ConfigureAwait(false);
        }

        meter.Move(taken);
        return (await repository.LocationAsync(response, cancellation).ConfigureAwait(false), taken);
    }

    /// <returns>Where to go on; null where it is there: then only the answer was lost.</returns>
    private async Task<(Uri Session, long Taken)?> RecoverAsync(Failure failure, Uri session, CancellationToken cancellation)
    {
        // An upload that the registry knows nothing of any more, or knows otherwise, can be begun anew.
        bool mayPass = failure.MayPass || failure.Error.Code is ErrorCode.NotFound or ErrorCode.Aborted;
        await _retries.SpendAsync(failure with { MayPass = mayPass }, cancellation).ConfigureAwait(false);
        if (await ExistsAsync(cancellation).ConfigureAwait(false))
        {
            return null;
        }

        Attempt status = await repository.TryAsync(Request(HttpMethod.Get, session.AbsoluteUri), cancellation).ConfigureAwait(false);
        using HttpResponseMessage? response = status.Response;
        return response is not null && Taken(response) is { } taken && taken <= blob.Size
            ? (response.Headers.Location is null ? session : await repository.LocationAsync(response, cancellation).ConfigureAwait(false), taken)
            : await BeginAsync(cancellation).ConfigureAwait(false);
    }

    private RegistryRequest Chunk(Uri session, long from, long end) => Request(HttpMethod.Patch, session.AbsoluteUri) with
    {
        Content = () =>
        {
            FileContent part = Part(from, end);
            part.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{from}-{end - 1}"));
            return part;
        },
    };

    /// <summary>Ends the upload, with all of it where nothing went before.</summary>
    private RegistryRequest Last(Uri session, long from)
    {
        UriBuilder final = new(session);
        string digest = "digest=" + Uri.EscapeDataString(blob.Digest.ToString());
        final.Query = final.Query.Length > 1 ? $"{final.Query}&{digest}" : digest;
        return Request(HttpMethod.Put, final.Uri.AbsoluteUri) with { Content = () => Part(from, blob.Size) };
    }

    private FileContent Part(long from, long end)
    {
        long at = from;
        return new FileContent(file, from, end - from, count =>
        {
            _sent += count;
            at += count;
            meter.Move(at);
        });
    }

    private RegistryRequest Request(HttpMethod method, string target) =>
        new(method, target) { What = $"the blob {blob.Digest}", Scopes = repository.Scope("pull,push") };

    /// <summary>How many bytes the registry says it has: <c>0-N</c>, both included, which for none is <c>0-0</c>.</summary>
    private static long? Taken(HttpResponseMessage response)
    {
        string? range = Header(response, "Range");
        ReadOnlySpan<char> text = range;
        text = text.StartsWith("bytes=") ? text[6..] : text;
        return text.StartsWith("0-") && long.TryParse(text[2..], NumberStyles.None, CultureInfo.InvariantCulture, out long last) ? (last == 0 ? 0 : last + 1) : null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out System.Net.Http.Headers.HeaderStringValues values) ? values.First() : null;
}
