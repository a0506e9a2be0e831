namespace Quilt.Build;

/// <summary>What ADD brings in from elsewhere. A build without egress has none.</summary>
public interface IRemoteSources
{
    /// <summary>A file over http or https, into a folder of the caller's.</summary>
    /// <param name="folder">Gets one file, <paramref name="fileName"/>.</param>
    /// <returns>When it was last changed, as the server says; null where it does not.</returns>
    /// <exception cref="Core.QuiltException">Unavailable, NotFound, ResourceExhausted: why it could not be had.</exception>
    Task<DateTimeOffset?> DownloadAsync(Uri address, string folder, string fileName, CancellationToken cancellation);

    /// <summary>A repository's files, into a folder of the caller's.</summary>
    /// <param name="reference">A branch, a tag or a whole commit; null for the default branch.</param>
    /// <param name="keepGitFolder">The repository itself is there too, in <c>.git</c>.</param>
    /// <exception cref="Core.QuiltException">Unavailable, NotFound, ResourceExhausted: why it could not be had.</exception>
    Task<GitCheckout> CheckOutAsync(Uri repository, string? reference, string folder, bool keepGitFolder, CancellationToken cancellation);
}

/// <param name="Commit">40 or 64 hexadecimal digits.</param>
/// <param name="CommittedAt">What its files get as their time: they are the same each time they are fetched.</param>
public sealed record GitCheckout(string Commit, DateTimeOffset CommittedAt);
