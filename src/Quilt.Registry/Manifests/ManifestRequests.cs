using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>Manifests of one repository (distribution-spec, pulling manifests).</summary>
internal static class ManifestRequests
{
    private const int LongestManifest = 4 << 20;
    private const string DigestHeader = "Docker-Content-Digest";

    /// <param name="selector">A tag or a digest.</param>
    /// <param name="image">For messages.</param>
    /// <exception cref="QuiltException">It is not there, damaged, or of a kind that cannot be used.</exception>
    internal static async Task<FetchedManifest> GetManifestAsync(this RepositoryConnection repository, string selector, string image, TransferPolicy policy, CancellationToken cancellation)
    {
        RetryBudget retries = new(policy, policy.Attempts);
        while (true)
        {
            using HttpResponseMessage response = await repository.SendAsync(Request(HttpMethod.Get, repository, selector, image), cancellation).ConfigureAwait(false);
            try
            {
                byte[] content = await BoundedBody.ReadAsync(response.Content, LongestManifest, policy.StallTimeout, cancellation).ConfigureAwait(false);
                Verify(content, selector, DigestOf(response), image, repository.Registry);
                return FetchedManifest.Of(content, response.Content.Headers.ContentType?.MediaType, image);
            }
            catch (Exception e) when (TransportFailure.Is(e))
            {
                await retries.SpendAsync(TransportFailure.Of(e, repository.Registry), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What a tag means, without its content.</summary>
    /// <returns>Null where the registry does not tell in a header.</returns>
    internal static async Task<Descriptor?> HeadManifestAsync(this RepositoryConnection repository, string selector, string image, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await repository.SendAsync(Request(HttpMethod.Head, repository, selector, image), cancellation).ConfigureAwait(false);
        string? type = response.Content.Headers.ContentType?.MediaType;
        return DigestOf(response) is { } digest && response.Content.Headers.ContentLength is { } size && type is not null && (MediaTypes.IsManifest(type) || MediaTypes.IsIndex(type))
            ? new Descriptor { MediaType = type, Digest = digest, Size = size }
            : null;
    }

    private static RegistryRequest Request(HttpMethod method, RepositoryConnection repository, string selector, string image) =>
        new(method, repository.Of($"manifests/{selector}")) { What = image, Scopes = repository.Scope(), Accept = ManifestTypes.Accepted };

    /// <summary>What a registry says that a manifest's digest is.</summary>
    internal static Digest? DigestOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(DigestHeader, out System.Net.Http.Headers.HeaderStringValues values) && Digest.TryParse(values.First(), out Digest digest) ? digest : null;

    private static void Verify(byte[] content, string selector, Digest? told, string image, string registry)
    {
        Digest actual = Digest.Compute(content);
        Digest? expected = Digest.TryParse(selector, out Digest asked) ? asked : told;
        if (expected is { } digest && digest != actual)
        {
            throw QuiltException.Invalid("digest", $"the registry {registry} gave a manifest with the digest {actual} for {image}, not {digest}", "it was damaged or exchanged on its way; try again, or ask the registry's operator");
        }
    }
}
