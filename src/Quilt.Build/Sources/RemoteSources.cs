using System.Net;
using System.Net.Sockets;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>Files over http and https, by .NET; repositories over the same, by the host's git.</summary>
public sealed class RemoteSources : IRemoteSources, IDisposable
{
    private const int MostRedirects = 10;
    private readonly RemoteOptions _options;
    private readonly GitProgram _git;
    private readonly HttpClient _client;

    public RemoteSources(RemoteOptions options)
    {
        _options = options;
        _git = new GitProgram(options);
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = ConnectAsync,
            MaxAutomaticRedirections = MostRedirects,
            UseCookies = false,
            UseProxy = false, // a proxy would connect where we are not asked
            AutomaticDecompression = DecompressionMethods.None, // the file as it is
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("quilt-build");
    }

    /// <summary>Removes what was left in its midst by a process that was killed.</summary>
    /// <param name="instance">See <see cref="RemoteOptions.Instance"/>.</param>
    public static void RemoveAbandoned(string instance) => GitProgram.RemoveAbandoned(instance);

    public async Task<DateTimeOffset?> DownloadAsync(Uri address, string folder, string fileName, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new QuiltException(
                    response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone ? ErrorCode.NotFound : ErrorCode.Unavailable,
                    $"{address.Host} answers {(int)response.StatusCode} for '{Shown(address)}'", "see whether the address is right, and what it gives in a browser");
            }

            if (response.Content.Headers.ContentLength is { } length && length > _options.MostBytes)
            {
                throw TooLarge(address);
            }

            using Stream body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            using FileStream file = new(Path.Combine(folder, fileName), FileMode.CreateNew, FileAccess.Write);
            byte[] buffer = new byte[128 << 10];
            long total = 0;
            int count;
            while ((count = await body.ReadAsync(buffer, limit.Token).ConfigureAwait(false)) > 0)
            {
                total += count;
                if (total > _options.MostBytes)
                {
                    throw TooLarge(address);
                }

                await file.WriteAsync(buffer.AsMemory(0, count), limit.Token).ConfigureAwait(false);
            }

            return response.Content.Headers.LastModified;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"'{Shown(address)}' did not come within {DurationText.Format(_options.Timeout)}", "try again, or put the file into the build's context");
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException { InnerException: SocketException })
        {
            QuiltException? refused = e.InnerException as QuiltException;
            throw refused ?? new QuiltException(ErrorCode.Unavailable, $"'{Shown(address)}' could not be fetched: {Text.Printable(e.Message)}", "see whether the address is right, and try again", inner: e);
        }
    }

    public Task<GitCheckout> CheckOutAsync(Uri repository, string? reference, string folder, bool keepGitFolder, CancellationToken cancellation) =>
        _git.CheckOutAsync(repository, reference, folder, keepGitFolder, cancellation);

    public void Dispose() => _client.Dispose();

    /// <summary>Without what may be a token.</summary>
    internal static string Shown(Uri address) => Text.Printable(address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));

    private QuiltException TooLarge(Uri address) =>
        new(ErrorCode.ResourceExhausted, $"'{Shown(address)}' has more than {new ByteSize(_options.MostBytes)}", "put what is needed of it into the build's context");

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        IPAddress[] addresses = await DialledAddresses.OfAsync(context.DnsEndPoint, _options, cancellation).ConfigureAwait(false);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
